"""Checks the published contract: the document by itself, then a throw-away demo server on each database against it.

usage: python run.py ARTEL TOOLS, with ARTEL_TEST_POSTGRES_URL; ARTEL is the binary, TOOLS the folder that
./install filled. Every check runs whatever the others found; the last line counts them.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pg8000.native
import tour

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parent.parent / "openapi" / "openapi.json"
EMAIL, PASSWORD = "admin@demo.artel", "demo-password"
START_SECONDS, STOP_SECONDS, CHECK_SECONDS = 60, 15, 1200
CHROMIUMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


class Failed(Exception):
    """A check found something; the sentence says what."""


class Checks:
    """Runs checks one after another, and remembers how each ended."""

    def __init__(self):
        self.results = []

    def run(self, name, check, *arguments):
        print(f"\n== {name}", flush=True)
        began = time.monotonic()
        try:
            check(*arguments)
            passed = True
        except (Failed, OSError, subprocess.SubprocessError) as fault:
            print(f"{name}: {fault}", flush=True)
            passed = False
        self.results.append((name, passed, time.monotonic() - began))

    def summary(self):
        failed = sum(not passed for _, passed, _ in self.results)
        print()
        for name, passed, seconds in self.results:
            print(f"{'ok    ' if passed else 'FAILED'} {seconds:6.1f} s  {name}")
        print(f"contract: {len(self.results) - failed} passed, {failed} failed")
        return failed


def command(*words, **environment):
    """Runs a tool; what it prints is shown, and an exit code that is not 0 is a finding."""
    code = subprocess.run(words, env=os.environ | environment, timeout=CHECK_SECONDS, check=False).returncode
    if code != 0:
        raise Failed(f"{Path(words[0]).name} ended with {code}")


def types_compile(tools, folder):
    command(f"{tools}/npm/node_modules/.bin/openapi-typescript", str(DOCUMENT), "--output", f"{folder}/artel.ts")
    command(f"{tools}/npm/node_modules/.bin/tsc", "--noEmit", "--strict", f"{folder}/artel.ts")


def check_document(checks, tools, folder):
    checks.run(
        "redocly lint (recommended-strict)",
        lambda: command(
            f"{tools}/npm/node_modules/.bin/redocly",
            *("lint", "--config", str(HERE / "redocly.yaml"), "--lint-config", "error", str(DOCUMENT)),
            REDOCLY_TELEMETRY="off",
            REDOCLY_SUPPRESS_UPDATE_NOTICE="true",
        ),
    )
    checks.run("openapi-spec-validator", command, f"{tools}/python/bin/openapi-spec-validator", str(DOCUMENT))
    checks.run("openapi-typescript, and the types compile", types_compile, tools, folder)


@contextmanager
def postgres_database():
    """A new, empty PostgreSQL database, dropped at the end; gives its URL."""
    url = urlsplit(os.environ["ARTEL_TEST_POSTGRES_URL"])
    name = f"artel_contract_{os.getpid()}"

    def execute(statement):
        connection = pg8000.native.Connection(
            url.username, host=url.hostname, port=url.port or 5432, password=url.password, database=url.path.lstrip("/")
        )
        connection.run(statement)
        connection.close()

    execute(f"create database {name}")
    try:
        yield url._replace(path=f"/{name}").geturl()
    finally:
        execute(f"drop database {name} with (force)")


def address_in(log, process):
    """Waits for the line that says where the server listens."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"Listening on (http://127\.0\.0\.1:\d+)", log.read_text()):
            return found[1]
        time.sleep(0.1)
    raise Failed(f"the server did not start; it said:\n{log.read_text()}")


@contextmanager
def demo_server(artel, database_url, folder):
    """`artel demo` on a free port; gives its origin. Stopped by SIGTERM, which must end it well."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("ARTEL_")}
    own |= {
        "ARTEL_DATABASE_URL": database_url,
        "ARTEL_LISTEN": "127.0.0.1:0",
        "ARTEL_LOG_FORMAT": "json",
        "ARTEL_RATE_LIMITS": "off",
    }
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen([artel, "demo"], cwd=folder, env=own, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield address_in(log, process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            code = f"nothing within {STOP_SECONDS} s"
        (folder / "ended-with").write_text(str(code))


def fetch(url, body=None):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def the_document_is_served(origin):
    if fetch(f"{origin}/openapi.json") != json.loads(DOCUMENT.read_text()):
        raise Failed(f"{origin}/openapi.json is not openapi/openapi.json: run `make openapi`")


def the_tour_is_true(origin):
    if differs := tour.take(origin):
        raise Failed(differs)


def swagger_ui(origin, tools):
    browser = os.environ.get("ARTEL_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if browser is None:
        raise Failed("no Chromium was found; install it, or name it with ARTEL_CHROMIUM")
    token = fetch(f"{origin}/api/v1/auth/login", {"email": EMAIL, "password": PASSWORD})["access_token"]
    script = str(HERE / "browser.mjs")
    command("node", script, origin, token, EMAIL, ARTEL_CHROMIUM=browser, NODE_TOOLS=f"{tools}/npm")


def schemathesis(origin, tools):
    seed = os.environ.get("ARTEL_CONTRACT_SEED")
    command(
        f"{tools}/python/bin/st",
        *("--config-file", str(HERE / "schemathesis.toml"), "run", f"{origin}/openapi.json"),
        *(("--seed", seed) if seed else ()),
    )


def the_server_is_content(folder):
    """It logged no error while it was tested, and ended well when it was told to."""
    errors = [line for line in (folder / "server.log").read_text().splitlines() if '"level":"ERROR"' in line]
    if errors:
        raise Failed(f"{len(errors)} errors were logged, the first of them:\n" + "\n".join(errors[:10]))
    if (code := (folder / "ended-with").read_text()) != "0":
        raise Failed(f"on SIGTERM it answered with {code}, not 0")


def check_server(checks, name, database_url, artel, tools, folder):
    folder.mkdir()
    try:
        with demo_server(artel, database_url, folder) as origin:
            checks.run(f"{name}: the published document is served", the_document_is_served, origin)
            checks.run(f"{name}: the tour of the README", the_tour_is_true, origin)
            checks.run(f"{name}: Swagger UI in Chromium", swagger_ui, origin, tools)
            checks.run(f"{name}: Schemathesis", schemathesis, origin, tools)
    except Failed as fault:
        print(f"{name}: {fault}")
    checks.run(f"{name}: no error logged, a clean end", the_server_is_content, folder)


def main():
    artel, tools = (str(Path(argument).resolve()) for argument in sys.argv[1:])
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="artel-contract-") as name:
        folder = Path(name)
        os.chdir(folder)
        check_document(checks, tools, folder)
        check_server(checks, "SQLite", f"sqlite://{folder}/artel.db", artel, tools, folder / "sqlite")
        with postgres_database() as url:
            check_server(checks, "PostgreSQL", url, artel, tools, folder / "postgres")
    sys.exit(checks.summary() > 0)


if __name__ == "__main__":
    main()
