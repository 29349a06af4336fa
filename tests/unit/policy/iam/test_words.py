import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhi.model.identity import Json
from nhi.policy.iam.access import gained
from nhi.policy.iam.words import Home, phrase, sentences, shown

HOME = Home(account="111122223333", region="eu-west-1")
DYNAMODB = "arn:aws:dynamodb:eu-west-1:111122223333:table/"
LAMBDA = "arn:aws:lambda:eu-west-1:111122223333:function:"


@pytest.mark.parametrize(
    ("actions", "resources", "words"),
    [
        ("s3:DeleteObject", ["arn:aws:s3:::x/*"], "delete objects in bucket x"),
        ("dynamodb:GetItem", [DYNAMODB + "ledger"], "read items in table ledger"),
        (
            "s3:GetObject s3:PutObject s3:DeleteObject",
            ["arn:aws:s3:::x/*"],
            "read, write and delete objects in bucket x",
        ),
        ("s3:GetObject", ["arn:aws:s3:::x/closed/*"], "read objects in bucket x below closed/"),
        ("s3:GetObject", ["arn:aws:s3:::x/a/b.csv"], "read objects in bucket x at a/b.csv"),
        ("s3:GetObject", ["arn:aws:s3:::x/*/b*"], "read objects in bucket x at */b*"),
        ("s3:GetObject", ["arn:aws:s3:::*/*"], "read objects in every bucket"),
        ("s3:ListBucket", ["arn:aws:s3:::x"], "list bucket x"),
        ("s3:GetObject", ["arn:aws:s3:::x", "arn:aws:s3:::x/*"], "read objects in bucket x"),
        ("s3:GetObject", ["arn:aws:s3:::x/*", "arn:aws:s3:::x/*"], "read objects in bucket x"),
        ("glue:GetTable", ["arn:aws:glue:eu-west-1:1:catalog"], "read tables on arn:aws:glue:eu-west-1:1:catalog"),
        ("dynamodb:DeleteTable", [DYNAMODB + "ledger"], "delete table ledger"),
        ("dynamodb:Query", [DYNAMODB + "ledger"], "query table ledger"),
        ("dynamodb:BatchGetItem dynamodb:GetItem", [DYNAMODB + "ledger"], "read items in table ledger"),
        ("dynamodb:PutItem", [DYNAMODB + "*"], "write items in every table"),
        ("dynamodb:PutItem", [DYNAMODB + "ledger-*"], "write items in every table named ledger-*"),
        ("dynamodb:PutItem", [DYNAMODB + "a", DYNAMODB + "b"], "write items in table a and table b"),
        ("iam:PassRole", ["arn:aws:iam::111122223333:role/app"], "pass role app"),
        ("lambda:InvokeFunction", [LAMBDA + "settle"], "invoke function settle"),
        ("lambda:InvokeFunction", [LAMBDA + "settle:*"], "invoke function settle"),
        ("sqs:SendMessage", ["arn:aws:sqs:eu-west-1:111122223333:refunds"], "send messages to queue refunds"),
        ("sqs:ReceiveMessage", ["arn:aws:sqs:eu-west-1:111122223333:refunds"], "receive messages from queue refunds"),
        ("sns:Publish", ["arn:aws:sns:eu-west-1:111122223333:orders"], "publish to topic orders"),
        ("kms:Decrypt", ["arn:aws:kms:eu-west-1:111122223333:key/1234"], "decrypt with key 1234"),
        ("iam:PutRolePolicy", ["arn:aws:iam::111122223333:role/app"], "write role policies in role app"),
        (
            "states:StartExecution",
            ["arn:aws:states:eu-west-1:111122223333:stateMachine:x"],
            "start executions in state machine x",
        ),
        ("rds:CreateDBSnapshot", ["arn:aws:rds:eu-west-1:111122223333:db:x"], "create DB snapshots in db x"),
        ("ssm:GetParametersByPath", ["arn:aws:ssm:eu-west-1:111122223333:parameter/a"], "read parameter a"),
        ("execute-api:Invoke", ["arn:aws:execute-api:eu-west-1:1:a1/*"], "invoke arn:aws:execute-api:eu-west-1:1:a1/*"),
    ],
)
def test_an_action_on_a_thing_is_said_in_words(actions: str, resources: list[str], words: str) -> None:
    assert phrase(actions.split(), resources, HOME) == words


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        ("dynamodb:PutItem", "write items anywhere in Amazon DynamoDB"),
        ("cloudwatch:PutMetricData", "write metric data anywhere in Amazon CloudWatch"),
        ("kms:Decrypt", "decrypt anywhere in AWS Key Management Service"),
        ("dynamodb:PutItem s3:PutObject", "write items and write objects anywhere"),
        ("*", "do everything anywhere"),
    ],
)
def test_a_star_for_the_resource_is_anywhere(actions: str, words: str) -> None:
    assert phrase(actions.split(), ["*", DYNAMODB + "ledger"], HOME) == words


@pytest.mark.parametrize(
    ("action", "beginning"),
    [
        ("s3:*", "do everything of Amazon S3 ("),
        ("s3:Get*", "do all that s3:Get* names ("),
        ("quantum:*", "do everything of quantum (0 actions as of "),
        ("q*:Get?", "do all that q*:Get? names ("),
    ],
)
def test_a_pattern_says_how_many_actions_it_is_and_as_of_when(action: str, beginning: str) -> None:
    words = phrase([action], ["arn:aws:s3:::x/*"], HOME)

    assert words.startswith(beginning)
    assert words.endswith(") on bucket x")


def test_what_is_not_at_home_says_where_it_is() -> None:
    other = "arn:aws:dynamodb:us-east-1:444455556666:table/ledger"

    assert phrase(["dynamodb:GetItem"], [DYNAMODB + "ledger", other], HOME) == (
        "read items in table ledger and table ledger (account 444455556666, region us-east-1)"
    )


def test_without_a_home_everything_says_where_it_is() -> None:
    words = phrase(["dynamodb:GetItem"], [DYNAMODB + "ledger"])

    assert words == "read items in table ledger (account 111122223333, region eu-west-1)"


def test_many_things_are_counted() -> None:
    resources = [f"{DYNAMODB}{one}" for one in range(9)]

    assert phrase(["dynamodb:GetItem"], resources, HOME) == "read items in table 0, table 1, table 2 and 6 more"


@pytest.mark.parametrize(
    ("action", "resource", "words"),
    [
        ("no colon", "arn:aws:s3:::x/*", "use no colon on bucket x"),
        ("s3:Get`x`", "arn:aws:s3:::x`y`/*", "use 's3:Get`x`' on bucket 'x`y`'"),
        ("s3:GetObject", "<b>\n\x1b[31m", "read objects on '<b>\\n\\x1b[31m'"),
        ("s3:GetObject", "arn:aws:quantum:::pair/1", "read objects on arn:aws:quantum:::pair/1"),
        ("s3:GetObject", "arn:aws:s3:::", "read objects on arn:aws:s3:::"),
        ("s3:\u0430ct", "arn:aws:s3:::x", "use 's3:\\u0430ct' on bucket x"),
    ],
)
def test_what_is_no_name_is_shown_as_it_is_written(action: str, resource: str, words: str) -> None:
    assert phrase([action], [resource], HOME) == words


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=4), st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_words_are_one_printable_line(actions: list[str], resources: list[str]) -> None:
    words = phrase(
        [*actions, *(f"s3:{one}" for one in actions)], [*resources, *(f"arn:aws:s3:::{one}" for one in resources)]
    )

    assert words.isascii()
    assert words.isprintable()
    assert words


@pytest.mark.parametrize(
    ("text", "as_shown"),
    [
        ("arn:aws:s3:::x/*", "arn:aws:s3:::x/*"),
        ("a'b", '"a\'b"'),
        ("", "''"),
        ("x" * 201, f"'{'x' * 200}...'"),
        ("\0" * 200, "'" + "\\x00" * 99 + "\\x0...'"),
    ],
)
def test_text_is_shown_bounded_and_escaped(text: str, as_shown: str) -> None:
    assert shown(text) == as_shown


def test_what_is_gained_is_a_line_for_each_set_of_things() -> None:
    before: Json = [{"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::x/*"]}]
    after: Json = [
        {"actions": ["s3:GetObject", "s3:DeleteObject"], "resources": ["arn:aws:s3:::x/*", "arn:aws:s3:::y/*"]},
        {"actions": ["sns:Publish"], "resources": ["arn:aws:sns:eu-west-1:111122223333:orders"]},
    ]

    assert sentences(gained(before, after), HOME) == (
        "read and delete objects in bucket y",
        "delete objects in bucket x",
        "publish to topic orders",
    )


def test_conditions_are_told() -> None:
    under: Json = {"StringEquals": {"aws:SourceVpce": ["vpce-1"]}}
    plain: Json = [{"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::x/*"]}]
    bound: Json = [{"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::x/*"], "conditions": under}]
    other: Json = [
        {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::x/*"], "conditions": {"Bool": {"aws:A": ["true"]}}}
    ]

    assert sentences(gained([], bound), HOME) == ("read objects in bucket x, if aws:sourcevpce StringEquals vpce-1",)
    assert sentences(gained(bound, plain), HOME) == ("read objects in bucket x, now without a condition",)
    assert sentences(gained(bound, other), HOME) == ("read objects in bucket x, now under: aws:a Bool true",)


def test_the_last_line_says_how_much_is_not_shown() -> None:
    after: Json = [{"actions": ["s3:GetObject"], "resources": [f"arn:aws:s3:::x{one}/*" for one in range(30)]}]

    assert sentences(gained([], after), HOME)[-1] == "and 10 more"
