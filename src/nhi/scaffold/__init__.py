"""What a repository of one's own starts from: files of this program's own repository, and the templates beside them."""
