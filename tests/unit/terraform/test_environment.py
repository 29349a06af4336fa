import pytest

from nhi.terraform.environment import seen_by_terraform, without_secrets

_MEMORY = {"GOGC": "400", "GOMEMLIMIT": "3GiB"}


@pytest.mark.parametrize(
    "name",
    [
        "TF_LOG",
        "TF_LOG_PATH",
        "TF_LOG_PROVIDER",
        "TF_CLI_ARGS",
        "TF_CLI_ARGS_plan",
        "TF_VAR_scope",
        "TF_WORKSPACE",
        "TF_DATA_DIR",
        "TF_REATTACH_PROVIDERS",
        "TF_AWS_DEFAULT_TAGS_nhi",
        "TF_SOMETHING_NEW",
    ],
)
def test_what_would_change_the_work_is_not_passed_on(name: str) -> None:
    assert name not in seen_by_terraform({name: "x"})


@pytest.mark.parametrize(
    "name",
    ["PATH", "HOME", "AWS_PROFILE", "HTTPS_PROXY", "TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR", "TF_TOKEN_a_example"],
)
def test_what_says_how_to_work_is_passed_on(name: str) -> None:
    assert seen_by_terraform({name: "x"})[name] == "x"


def test_terraform_asks_nothing_and_calls_nobody() -> None:
    seen = seen_by_terraform({"TF_INPUT": "1", "CHECKPOINT_DISABLE": ""})
    assert seen == {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"} | _MEMORY


def test_terraform_is_let_use_some_memory() -> None:
    assert _MEMORY.items() <= seen_by_terraform({}).items()


@pytest.mark.parametrize("told", [{"GOGC": "off"}, {"GOMEMLIMIT": "1GiB"}, {"GOGC": "50", "GOMEMLIMIT": "1GiB"}])
def test_who_says_how_much_memory_says_all_of_it(told: dict[str, str]) -> None:
    seen = seen_by_terraform(told)
    assert {name: seen[name] for name in seen if name.startswith("GO")} == told


def test_no_secret_of_the_environment_is_passed_on_in_words() -> None:
    environment = {
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret/key+of=forty",
        "AWS_SESSION_TOKEN": "secret/key+of=forty-and-more",
        "TF_TOKEN_registry_example": "token-of-a-registry",
        "LANG": "C.UTF-8",
    }
    hide = without_secrets(environment)

    said = hide("AKIAEXAMPLE secret/key+of=forty-and-more secret/key+of=forty token-of-a-registry C.UTF-8")

    assert said == "AKIAEXAMPLE (secret) (secret) (secret) C.UTF-8"


@pytest.mark.parametrize(
    "name", ["GITHUB_TOKEN", "NHI_APP_PRIVATE_KEY", "AWS_CONTAINER_AUTHORIZATION_TOKEN", "vault_password", "X_API_KEY"]
)
def test_whatever_its_name_calls_a_secret_is_one(name: str) -> None:
    assert without_secrets({name: "hunter2hunter2"})("it is hunter2hunter2.") == "it is (secret)."


@pytest.mark.parametrize("name", ["AWS_WEB_IDENTITY_TOKEN_FILE", "ACTIONS_ID_TOKEN_REQUEST_URL", "AWS_PROFILE"])
def test_what_only_leads_to_a_secret_is_none(name: str) -> None:
    assert without_secrets({name: "/run/somewhere"})("/run/somewhere is missing") == "/run/somewhere is missing"


def test_each_line_of_a_key_is_a_secret_and_so_is_how_a_url_has_it() -> None:
    hide = without_secrets({"NHI_APP_PRIVATE_KEY": "MIIEpAIBAAK/+=\nCAQEAx1y2z3\n", "GH_TOKEN": "a/b+c=1234"})

    assert hide("MIIEpAIBAAK/+=") == hide("CAQEAx1y2z3") == "(secret)"
    assert hide("https://aws.example/?token=a%2Fb%2Bc%3D1234") == "https://aws.example/?token=(secret)"


def test_an_empty_secret_is_not_found_everywhere() -> None:
    assert without_secrets({"AWS_SESSION_TOKEN": ""})("abc") == "abc"
