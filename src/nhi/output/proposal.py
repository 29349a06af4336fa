"""A wish for one identity and what became of it: for people, as JSON, and as the body of its pull request."""

from collections.abc import Iterator

from nhi.model.finding import Finding, Severity
from nhi.model.instant import format_instant
from nhi.model.proposal import Fate, Judgement, ProposalReport, Verb
from nhi.model.revocation import Revocation, RevokedPrincipal
from nhi.output.markdown import code, prose
from nhi.output.plain import counted, json_text, one_line

REVOKED_NOW = "<!-- nhi:revoked-now -->"
"""Stands before what was done at once in the cloud."""
_DOES = {Verb.RENEW: "Renews", Verb.SUSPEND: "Suspends", Verb.REVOKE: "Revokes"}
_LONGEST = 60_000
"""GitHub takes 65,536 characters."""
_MOST = 20
"""Findings, roles or keys that one text names; the others are counted."""


def proposal_text(report: ProposalReport) -> str:
    """What the change does, what is found about it, then what became of it; the last line says what to do."""
    judgement = report.judgement
    lines = [f"{one_line(report.identity)}  {one_line(report.path)}, owned by {one_line(report.owner)}"]
    for meaning in judgement.meanings:
        lines += [f"  {effect.value:18} {one_line(words, 2000)}" for effect, words in meaning.effects]
    if judgement.risk:
        lines.append(f"  {'risk':18} {judgement.risk}")
    lines += [_found(one) for one in judgement.findings[:_MOST]]
    if len(judgement.findings) > _MOST:
        lines.append(f"and {len(judgement.findings) - _MOST} more; nhi check names them")
    lines += [f"needs    {one_line(words)}" for words in _needs(judgement)]
    return "\n".join([*lines, *_ending(report)]) + "\n"


def proposal_json(report: ProposalReport, revocation: Revocation | None) -> str:
    """The format `nhi/proposal/v1`."""
    judgement = report.judgement
    document = {
        "schema": "nhi/proposal/v1",
        "verb": report.wish.verb.value,
        "identity": report.identity,
        "path": report.path,
        "owner": report.owner,
        "until": None if report.wish.until is None else format_instant(report.wish.until),
        "reason": report.wish.reason,
        "as_of": format_instant(report.as_of),
        "base": report.base,
        "outcome": report.fate.value,
        "words": report.words,
        "branch": report.branch or None,
        "commit": report.commit or None,
        "pull_request": report.pull,
        "url": report.url or None,
        "asked": list(report.asked),
        "risk": judgement.risk or None,
        "effects": [
            {"effect": effect.value, "words": words} for one in judgement.meanings for effect, words in one.effects
        ],
        "approvals": [
            {"who": one.who, "count": one.count, "candidates": list(one.candidates)} for one in judgement.approvals
        ],
        "findings": [
            {"rule": one.rule, "code": one.code, "severity": one.severity.value, "message": one.message}
            for one in judgement.findings
        ],
        "revocation": None if revocation is None else revocation_document(revocation),
    }
    return json_text(document)


def proposal_body(report: ProposalReport, author: str | None, revocation: Revocation | None) -> str:
    """What, why, who asked, and what reviewers need. All text of manifests and people stays text."""
    wish, judgement = report.wish, report.judgement
    until = f" until {code(format_instant(wish.until))}" if wish.until else ""
    lines = [
        f"{_DOES[wish.verb]} {code(report.identity)}{until}: {code(report.path)}, owned by {code(report.owner)}.",
        "",
        f"**Why:** {prose(wish.reason) or 'no reason was given'}",
        "",
        f"**Asked for by:** {code(author) if author else 'nobody said who'}; what counts is who opened this.",
    ]
    if revocation is not None:
        lines += ["", revocation_note(revocation).rstrip()]
    lines += ["", "**What it does**", ""]
    for meaning in judgement.meanings:
        lines += [f"- {effect.value}: {prose(words)}" for effect, words in meaning.effects]
    if judgement.risk:
        lines.append(f"- risk: {judgement.risk}")
    lines += ["", "**What reviewers need**", ""]
    lines += [f"- {prose(words)}" for words in _needs(judgement)] or ["- no approval, as far as nhi can tell"]
    lines += [f"- {prose(_found(one))}" for one in judgement.findings[:_MOST]]
    lines += ["", f"Based upon {code(report.base)}, judged as of {code(format_instant(report.as_of))}."]
    body = "\n".join(lines) + "\n"
    return body if len(body) <= _LONGEST else body[:_LONGEST].rpartition("\n")[0] + "\n\n_The rest was cut off._\n"


def revocation_note(revocation: Revocation) -> str:
    """What was done at once, as Markdown; its first line is a marker."""
    when = (
        f"at {code(format_instant(revocation.at))} by {code(revocation.denial.by)}"
        f" in the account {code(revocation.account)}"
    )
    head = (
        f"**Access was ended at once** {when}. Merging this and applying it makes it last;"
        " an apply that would take it back is refused."
    )
    if not revocation.denial.principals:
        head = f"**Access was to be ended at once** {when}, and nothing was found there that could be denied."
    lines = [REVOKED_NOW, head, ""]
    for one in revocation.denial.principals[:_MOST]:
        lines += [f"- {code(one.type + ' ' + one.name)}: {_did(one)}", *_keys(one)]
    if len(revocation.denial.principals) > _MOST:
        lines.append(f"- and {len(revocation.denial.principals) - _MOST} more")
    lines += [f"- {code(words)} does not exist in the cloud" for words in revocation.denial.absent]
    lines += [f"- :warning: not done: {prose(words)}" for words in revocation.denial.failures[:_MOST]]
    return "\n".join(lines) + "\n"


def revocation_text(revocation: Revocation) -> str:
    """What was done at once, for a terminal."""
    lines = []
    for one in revocation.denial.principals:
        how = f"request {one_line(one.request_id)}" if one.request_id else "it was so already"
        lines.append(
            f"DENIED   {one.type} {one_line(one.name)}: everything, by its policy {one_line(one.policy)} ({how})"
        )
        lines += [f"OFF      access key {one_line(key.id)}, which was {key.was}" for key in one.keys]
    lines += [f"absent   {one_line(words)}: the cloud has no such thing" for words in revocation.denial.absent]
    lines += [f"NOT DONE {one_line(words)}" for words in revocation.denial.failures]
    return "\n".join(lines) + "\n"


def revocation_document(revocation: Revocation) -> dict[str, object]:
    """The format `nhi/revocation/v1`: who denied what, when, and what was there before."""
    return {
        "schema": "nhi/revocation/v1",
        "identity": revocation.identity,
        "account": revocation.account,
        "at": format_instant(revocation.at),
        "by": revocation.denial.by,
        "reason": revocation.reason,
        "principals": [
            {
                "type": one.type,
                "name": one.name,
                "policy": one.policy,
                "before_sha256": one.before,
                "request_id": one.request_id or None,
                "answered_at": one.at or None,
                "keys": [{"id": key.id, "was": key.was, "request_id": key.request_id or None} for key in one.keys],
            }
            for one in revocation.denial.principals
        ],
        "absent": list(revocation.denial.absent),
        "failures": list(revocation.denial.failures),
    }


def _found(one: Finding) -> str:
    severity = "error" if one.severity is Severity.ERROR else "warning"
    accepted = " (accepted)" if one.exception is not None else ""
    return f"{severity:8} {one.rule}: {one_line(one.message)}{accepted}"


def _needs(judgement: Judgement) -> Iterator[str]:
    for one in judgement.approvals:
        who = ", ".join(one.candidates) or "nobody is left who could"
        yield f"{counted(one.count, 'approval')} of {one.who}: {who}; {'; '.join(one.reasons)}"


def _ending(report: ProposalReport) -> Iterator[str]:
    match report.fate:
        case Fate.PROPOSED:
            yield f"pull request {report.pull}: {one_line(report.url)}"
            if report.asked:
                yield f"asked for a review: {one_line(', '.join(report.asked))}"
        case Fate.COMMITTED:
            yield f"branch   {report.branch}"
            yield f"commit   {report.commit}: not pushed"
        case Fate.LOOKED:
            yield f"would make the branch {report.branch}; nothing was made"
        case Fate.OCCUPIED:
            yield f"OCCUPIED {report.branch}: {one_line(report.words)}"
        case Fate.SETTLED:
            yield f"nothing to do: {one_line(report.words)}"
        case Fate.BLOCKED | Fate.REFUSED:
            yield f"{report.fate.value.upper():8} {one_line(report.words)}"
            if report.hint:
                yield f"         {one_line(report.hint)}"


def _did(one: RevokedPrincipal) -> str:
    before = f"before: {code('sha256:' + one.before)}" if one.before else "there was no such policy before"
    if not one.request_id:
        return f"denied everything already by its policy {code(one.policy)}"
    return (
        f"its policy {code(one.policy)} denies everything ({before}; request {code(one.request_id)} at {code(one.at)})"
    )


def _keys(one: RevokedPrincipal) -> Iterator[str]:
    for key in one.keys[:_MOST]:
        call = f", request {code(key.request_id)}" if key.request_id else ""
        yield f"  - access key {code(key.id)}: off (was {code(key.was)}{call})"
