"""The README's tour, taken: its commands on a fresh demo server must answer what the README shows.

Instants, entity tags and cursors differ from run to run; everything else is compared word by word.
"""

import difflib
import re
import subprocess
from pathlib import Path

README = Path(__file__).resolve().parent.parent.parent / "README.md"
STEP = re.compile(r"```sh\n((?:(?!```).)*)```\n\n```json\n((?:(?!```).)*)```\n", re.DOTALL)
MARK = "-- next step --"
CHANGING = (
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "INSTANT"),
    (re.compile(r'"(\d+)-[\w-]+"'), r'"\1-TAG"'),
    (re.compile(r'"next_cursor":"[^"]*"'), '"next_cursor":"CURSOR"'),
)


def steady(text):
    for pattern, name in CHANGING:
        text = pattern.sub(name, text)
    return text.strip()


def take(origin):
    """Runs the tour against the server; gives a sentence about what differs, or nothing."""
    steps = STEP.findall(README.read_text())
    script = f"\necho '{MARK}'\n".join(commands for commands, _ in steps)
    script = script.replace("http://127.0.0.1:8080", origin)
    done = subprocess.run(["bash", "-u", "-c", script], capture_output=True, text=True, timeout=60, check=False)
    answers = done.stdout.split(MARK)
    expected = "\n".join(steady(answer) for _, answer in steps)
    actual = "\n".join(steady(answer) for answer in answers)
    if len(steps) > 0 and expected == actual:
        return None
    difference = difflib.unified_diff(expected.splitlines(), actual.splitlines(), "README.md", origin, lineterm="", n=0)
    return "\n".join([f"{len(steps)} steps were taken", *difference, done.stderr])
