"""What every program around a device needs: its settings from the command line, and the wait for a round."""

import argparse
import json
import sys

from .backoff import uniform
from .clock import Clock
from .device import Device, Settings
from .errors import ClientError
from .store import FileStore


def parser(description):
    options = argparse.ArgumentParser(description=description)
    options.add_argument("use_case", help="id of the use case")
    options.add_argument("code", help="enrolment code; used only the first time")
    options.add_argument("deployment_key", help="Ed25519 key of the deployment, hex; the device believes nobody else")
    options.add_argument("--issuer", default="http://127.0.0.1:4001", metavar="URL")
    options.add_argument("--intake", default="http://127.0.0.1:4002", metavar="URL")
    options.add_argument("--coordinator", default="http://127.0.0.1:4000", metavar="URL")
    options.add_argument("--store", default="./device", metavar="DIR", help="where key and tokens are kept: secrets")
    options.add_argument("--rounds", type=int, default=1, metavar="N", help="how many rounds to take part in")
    options.add_argument(
        "--keep",
        action="store_true",
        help="until it is stopped: fetch the tokens of each epoch at one random moment, and take part in every round",
    )
    options.add_argument("--poll", type=float, default=1, metavar="S", help="seconds between looks for a round, about")
    options.add_argument(
        "--fetch-and-spend",
        action="store_true",
        help="without a token for the open round, fetch one and spend it at once: that links the two by time",
    )
    return options


def run(options, train):
    """Enrols, fetches tokens, takes part; a line of JSON for each thing that happened. Returns the exit code."""
    settings = Settings(
        issuer=options.issuer,
        coordinator=options.coordinator,
        intake=options.intake,
        use_case=options.use_case,
        code=options.code,
        deployment_key=options.deployment_key,
        never_fetch_and_spend=not options.fetch_and_spend,
    )
    try:
        with Device(settings, FileStore(options.store)) as device:
            device.enrol()
            if options.keep:
                _keep(device, train, options.poll)
            _tell(tokens=device.prefetch())
            outcomes = [_next_round(device, train, options.poll) for _ in range(options.rounds)]
        return 0 if all(outcome == "accepted" for outcome in outcomes) else 1
    except KeyboardInterrupt:
        return 0 if options.keep else 130
    except ClientError as error:
        _tell(error=error.code, message=error.args[0])
        return 1


def _keep(device, train, poll_s):
    """What fails is told and tried again: tokens at another moment, the round at the next look."""
    told = None
    while True:
        try:
            for epoch, tokens in device.keep_appointments().items():
                _tell(epoch=epoch, tokens=tokens)
            outcome, what = device.participate(train)
            news = None if what in _NO_NEWS else _event_of(outcome, what)
            if news and news != told:
                _tell(**news)
            told = news
        except ClientError as error:
            _tell(error=error.code, message=error.args[0])
            if error.code == "damaged_store":
                raise
        Clock().sleep((0.5 + uniform()) * 1000 * poll_s)


def _next_round(device, train, poll_s):
    """Looks for rounds at intervals that forget when the device began to look, until it had its say in one."""
    clock = Clock()
    while True:
        outcome, what = device.participate(train)
        if what not in _NO_NEWS:
            _tell(**_event_of(outcome, what))
            return outcome
        clock.sleep((0.5 + uniform()) * 1000 * poll_s)


#: of a round there is nothing to say
_NO_NEWS = ("no_open_round", "already_submitted", "no_evaluation")


def _event_of(outcome, what):
    return {"outcome": outcome, **({"receipt": what.hex()} if outcome == "accepted" else {"reason": what})}


def _tell(**event):
    print(json.dumps(event))
    sys.stdout.flush()
