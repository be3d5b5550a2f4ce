"""Commands of the clinic: stage, score NAME, goals, eligible, ask, bedside, judge, published-stages, variables, serve-clinic.

Patients come as JSON from a file or standard input. `score` holds one sub-command per bedside score, so that another room may give the same
word its own default for a folder of recordings. Nothing heavy is imported before a command runs.
"""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

SCORES = {
    "inotropic": "Inotropic score (Wernovsky).",
    "vis": "Vasoactive-inotropic score (Gaies).",
    "vis-altshock": "Gaies plus levosimendan and enoximone: default for Altshock-2.",
    "vis-extended": "Extended variant, labelled; not Gaies.",
    "sofa": "SOFA 1996; `days` gives the highest of a stay.",
    "sofa-2": "SOFA-2 (2025); never mixed with SOFA.",
    "barc": "BARC bleeding type.",
    "kdigo": "KDIGO acute kidney injury stage.",
    "cardshock": "CardShock risk score.",
    "iabp-shock-ii": "IABP-SHOCK II risk score.",
    "bcis-1-js": "BCIS-1 jeopardy score on a coronary tree with grafts.",
    "duke": "Duke jeopardy score.",
    "unsatisfactory": "Weighted unsatisfactory outcome (this project's weights).",
    "ldhq72": "Cumulative LDH release to 72 h from samples.",
    "haemodynamics": "Every derived haemodynamic number.",
}
File = Annotated[Path | None, Parameter(help="JSON file with one patient or a list of patients; absent or - reads standard input.")]
Scheme = Annotated[str, Parameter(help="Staging scheme: cswg-2022, scai-2022 or scai-2019.")]
Formula = Annotated[str, Parameter(help="Formula of the inotropic score: vis-altshock, vis or inotropic.")]
Set = Annotated[list[str] | None, Parameter(name="--set", help="NAME=VALUE replaces a boundary of the table; may be repeated.")]
Protocol = Annotated[str, Parameter(help="Protocol to judge by; `iabp` is the pump's own indications and contraindications.")]
Absent = Annotated[bool, Parameter(negative="", help="Declare every exclusion that is not mentioned absent; the result says so.")]
Zero = Annotated[bool, Parameter(negative="", help="Declare organs that are missing to score 0.")]
Weights = Annotated[str, Parameter(help="Weights of the unsatisfactory outcome: project, equal-steps or any.")]
Question = Annotated[str, Parameter(help="The question, in anybody's words.")]
Audience = Annotated[str, Parameter(help="Who it is worded for: patient, nurse, physician or engineer.")]
Before = Annotated[list[str] | None, Parameter(help="A question asked before this one; may be repeated, oldest first.")]
Out = Annotated[Path, Parameter(help="The OBSERVATIONS.toml to write.")]
TableIn = Annotated[Path, Parameter(help="Parquet table of patients, canonical column names.")]
TableOut = Annotated[Path, Parameter(help="The Parquet table to write.")]
Topic = Annotated[str, Parameter(help="infarct-shock, mechanical, heart-failure or high-risk-pci; all when absent.")]
Host = Annotated[str, Parameter(help="Address to listen on; only this computer by default, and the pages accept no other host name.")]
Port = Annotated[int, Parameter(help="Port to listen on.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON object and nothing else.")]


def _load(file: Path | None) -> Any:
    import json
    import sys

    from counterpulse.refusal import RefusalError

    where = "standard input" if file is None or str(file) == "-" else str(file)
    try:
        if where != "standard input":
            text = Path(where).read_text("utf-8")
        elif sys.stdin.isatty():
            raise RefusalError("No patient was given; name a JSON file or send one JSON object to standard input.")
        else:
            text = sys.stdin.read()
        return json.loads(text)
    except (OSError, UnicodeDecodeError) as problem:
        raise RefusalError(f"The file {where} cannot be read: {getattr(problem, 'strerror', None) or 'it is not UTF-8 text'}.") from None
    except ValueError as problem:
        raise RefusalError(f"{where} holds no JSON: {problem}.") from None


def _settings(pairs: list[str] | None) -> dict[str, Any]:
    from counterpulse.refusal import RefusalError

    found: dict[str, Any] = {}
    for pair in pairs or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise RefusalError(f"--set {pair!r} must be NAME=VALUE.")
        found[name] = value
    return found


def _show(result: Any, *, as_json: bool) -> None:
    import json
    import sys

    if as_json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False, allow_nan=False, default=str) + "\n")
        return
    from counterpulse.clinic.speak import sentences

    for one in result.get("results", [result]):
        sys.stdout.write("\n".join(sentences(one)) + "\n")


def _each(raw: Any, judge: Any) -> dict[str, Any]:
    """One patient gives one result; a list of patients gives `results`."""
    return {"results": [judge(item).as_json() for item in raw]} if isinstance(raw, list) else judge(raw).as_json()


def stage(file: File = None, *, scheme: Scheme = "cswg-2022", set_: Set = None, json: Json = False) -> None:
    """Shock stage of a patient (JSON file or standard input): cswg-2022, scai-2022 or scai-2019."""
    from counterpulse.clinic.patient import read
    from counterpulse.clinic.staging import stage as judge

    replaced = _settings(set_)
    _show(_each(_load(file), lambda raw: judge(read(raw), scheme, replaced)), as_json=json)


def goals(file: File = None, *, formula: Formula = "vis-altshock", set_: Set = None, json: Json = False) -> None:
    """The eight goals of Altshock-2, escalation and weaning readiness of a patient."""
    from counterpulse.clinic.goals import goals as judge
    from counterpulse.clinic.patient import read

    replaced = _settings(set_)
    _show(_each(_load(file), lambda raw: judge(read(raw), formula, replaced)), as_json=json)


def eligible(file: File = None, *, protocol: Protocol = "iabp", assume_absent: Absent = False, set_: Set = None, json: Json = False) -> None:
    """Eligibility by protocol: iabp (contraindications), altshock-2, altshock-2-original, bcis-1, iabp-shock-ii, crisp-ami, vant-hof, optn-2018, optn-2023."""
    from counterpulse.clinic.eligibility import eligible as judge
    from counterpulse.clinic.patient import read

    replaced = _settings(set_)
    _show(_each(_load(file), lambda raw: judge(read(raw), protocol, replaced, absent=assume_absent)), as_json=json)


def _score(name: str) -> Any:
    def command(file: File = None, *, missing_zero: Zero = False, weights: Weights = "project", json: Json = False) -> None:
        from counterpulse.clinic.scores import score

        _show(_each(_load(file), lambda raw: score(name, raw, missing_zero=missing_zero, weights=weights)), as_json=json)

    command.__doc__ = SCORES[name]
    return command


def ask(question: Question, *, audience: Audience = "physician", before: Before = None, json: Json = False) -> None:
    """Answer a question from the guidance statements only; `--before` gives the questions asked before, oldest first."""
    from counterpulse.clinic.guidance import ask as answer

    _show(answer(question, audience, before or []).as_json(), as_json=json)


def bedside(file: File = None, *, out: Out) -> None:
    """Write a bedside's measured numbers as OBSERVATIONS.toml for the simulator."""
    from counterpulse.clinic.bedside import observations
    from counterpulse.whole import whole_file

    text = observations(_load(file))
    with whole_file(out) as draft:
        draft.write_text(text, "utf-8")


def judge(table: TableIn, out: TableOut, *, scheme: Scheme = "cswg-2022", protocol: Protocol = "altshock-2", formula: Formula = "vis-altshock") -> None:
    """Stage, goals and eligibility for every row of a Parquet table of patients (canonical column names), written as Parquet."""
    from counterpulse.clinic.batch import judge_file

    judge_file(table, out, scheme, protocol, formula)


def published_stages(*, json: Json = False) -> None:
    """Altshock-2's printed stage shares beside those its printed vitals and drug use allow."""
    from counterpulse.clinic.published import altshock_shares
    from counterpulse.clinic.speak import shares

    found = altshock_shares()
    if json:
        _show(found, as_json=True)
    else:
        import sys

        sys.stdout.write("\n".join(shares(found)) + "\n")


def variables(*, json: Json = False) -> None:
    """List the clinical variables: name, meaning, unit, other units, plausible range, other names."""
    import sys
    from dataclasses import asdict

    from counterpulse.clinic.variables import variables as book

    if json:
        absent = {"low", "high"}
        rows = {name: {k: None if k in absent and item.flag else v for k, v in asdict(item).items()} for name, item in book().items()}
        _show({"variables": rows}, as_json=True)
        return
    for name, item in book().items():
        kind = "true or false" if item.flag else f"{item.low:g} to {item.high:g} {' or '.join([item.unit, *item.accepts])}"
        also = f"; also {', '.join(item.aliases)}" if item.aliases else ""
        sys.stdout.write(f"{name}: {item.means}; {kind}{also}\n")


def recommendations(*, topic: Topic = "", json: Json = False) -> None:
    """What guidelines said of the pump by year, with class, level and certainty."""
    import sys

    from counterpulse.clinic.statements import history

    rows = history(topic)
    if json:
        _show({"recommendations": rows}, as_json=True)
        return
    for row in rows:
        graded = f"class {row['class']}, level {row['level']}"
        sys.stdout.write(f"{row['year']}  {row['topic']:14} {row['document']:32} {graded:26} {row['says']}  [{row['certainty']}]\n")


def serve_clinic(*, host: Host = "127.0.0.1", port: Port = 8642) -> None:
    """Serve the clinic's pages on this computer (loopback by default)."""
    import socket
    import sys

    import uvicorn

    from counterpulse.refusal import RefusalError
    from counterpulse.service.clinic import application

    try:
        with socket.create_server((host, port)):
            pass
    except (OSError, OverflowError) as problem:
        raise RefusalError(f"The pages cannot be served on {host}, port {port}: {str(problem).rstrip('.')}.") from None
    sys.stderr.write(f"The clinic's pages: http://{host}:{port}/clinic/ (Ctrl-C ends). Research and education only; nobody is logged in.\n")
    uvicorn.run(application(), host=host, port=port, log_level="warning")


def register(app: App) -> None:
    """Add the clinic's commands; `score` is a group of its own."""
    for function, name in (
        (stage, "stage"), (goals, "goals"), (eligible, "eligible"), (ask, "ask"), (bedside, "bedside"), (judge, "judge"),
        (published_stages, "published-stages"), (variables, "variables"), (recommendations, "recommendations"), (serve_clinic, "serve-clinic"),
    ):
        app.command(function, name=name)
    group = App(name="score", help="Bedside scores by name; a folder of recordings is scored by the recordings' own command of this name.")
    for name in SCORES:
        group.command(_score(name), name=name)
    app.command(group)
