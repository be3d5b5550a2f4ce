"""The sentence for a mistyped command line. Knows cyclopts' errors, no command."""

import re

from cyclopts import CycloptsError

KINDS = {"float": "a number", "int": "a whole number", "bool": "yes or no", "Path": "a path"}


def wording(error: CycloptsError) -> str:
    """One sentence that names what was wrong and ends with what is allowed."""
    text = " ".join(str(error).split())
    text = re.sub(r'unable to convert ("[^"]*") into (\w+)', lambda m: f"{m[1]} is not {KINDS.get(m[2], m[2])}", text)
    text = re.sub(r"\. Did you mean (.+?)\?", r" (did you mean \1?)", text)
    text = re.sub(r"^Unused Tokens: \[(.*)\]", r"Too many words: \1", text)
    text = re.sub(r'^Command "[^"]*" parameter (\S+) requires an argument', r"A value for \1 is missing", text)
    if "Available commands:" in text:
        commands = ", ".join(sorted(name for name in error.app or () if not name.startswith("-")))
        return f"{re.sub(r'[.]? Available commands:.*', '', text)}; the commands are {commands}."
    command = " ".join(("counterpulse", *(error.command_chain or ())))
    return f"{text.rstrip('.')}; `{command} --help` lists what is allowed."
