from nhi.repository.history import blob_ids

OLD, NEW, NONE = b"a" * 40, b"b" * 40, b"0" * 40


def record(old: bytes, new: bytes, status: bytes, path: bytes) -> bytes:
    return b":100644 100644 " + old + b" " + new + b" " + status + b"\0" + path + b"\0"


def test_a_path_without_history_is_not_there() -> None:
    assert blob_ids(b"") == {}


def test_versions_come_newest_first() -> None:
    log = record(OLD, NEW, b"M", b"a.yaml") + b"\n" + record(NONE, OLD, b"A", b"a.yaml")

    assert blob_ids(log) == {b"a.yaml": [NEW, OLD]}


def test_a_removal_is_a_version_of_its_own() -> None:
    assert blob_ids(record(OLD, NONE, b"D", b"a.yaml")) == {b"a.yaml": [None]}


def test_a_path_that_looks_like_a_record_is_a_path() -> None:
    assert blob_ids(record(NONE, NEW, b"A", b":100644 x")) == {b":100644 x": [NEW]}
