"""`counterpulse size`: which balloon by height and by aortic length, and where the makers disagree."""

from typing import Annotated

from cyclopts import App, Parameter


def size(
    *,
    height: Annotated[float, Parameter(help="height, cm")],
    aorta_cm: Annotated[float | None, Parameter(help="left subclavian to celiac artery, cm (computed tomography), if known")] = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="print one JSON object and nothing else")] = False,
) -> int:
    """Say which balloon each maker's table gives for a height, and a cadaver study for an aortic length. For education, not for patient care."""
    import json

    from counterpulse.pump.sizing import PARISSIS
    from counterpulse.pump.sizing import size as fitted

    found = fitted(height, aorta_cm)
    if as_json:
        told = {
            "height_cm": height,
            "aorta_cm": aorta_cm,
            "by_height": [rule._asdict() | {"below_cm": rule.below_cm if rule.below_cm < 1000 else None} for rule in found.by_height],
            "by_aorta_mL": found.by_aorta_mL,
            "agree": found.agree,
            "sentences": found.sentences,
        }
        print(json.dumps(told, allow_nan=False))  # noqa: T201
        return 0
    for rule in found.by_height:
        print(f"{rule.maker:16} {rule.balloon_mL} mL, {rule.french} Fr, {rule.length_mm} mm   {rule.source}; {rule.certainty}")  # noqa: T201
    if found.by_aorta_mL is not None:
        print(f"{'aortic length':16} {found.by_aorta_mL} mL   {PARISSIS}")  # noqa: T201
    for sentence in found.sentences:
        print(sentence)  # noqa: T201
    print("For research and education, not for patient care.")  # noqa: T201
    return 0


def register(app: App) -> None:
    """Add `size` to the command line."""
    app.command(size)
