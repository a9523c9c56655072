"""The command line: verbs to calls. Results go to stdout, progress and warnings to stderr.

Exit codes: 0 good, 1 the run failed, 2 wrong command line, 3 the scenario has errors, 130 interrupted.
"""

import _thread
import os
import signal
import sys
import threading

from materiel.cli import evidence, pages, runs, scenarios  # each brings its verbs
from materiel.cli.common import app, say

__all__ = ["app", "evidence", "main", "pages", "runs", "scenarios"]

INTERRUPTED = "Interrupted. Finished blocks are kept: give the same command again and it goes on."


def main() -> None:
    """Entry point: no traceback reaches a user, and an interrupted run says how to go on."""
    sys.unraisablehook = _heard_where_nothing_can_be_raised
    try:
        app()
    except KeyboardInterrupt:
        say(INTERRUPTED)
        raise SystemExit(130) from None
    except SystemExit as leaving:
        if leaving.code == 130:  # typer turns Ctrl-C inside a verb into this, without a word
            say(INTERRUPTED)
        raise
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None


def _press_ctrl_c() -> None:
    """On the main thread, so that it also wakes from waiting, where the system can do that."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


def _heard_where_nothing_can_be_raised(lost: "sys.UnraisableHookArgs") -> None:
    """Ctrl-C inside a destructor or a weak reference's callback would be printed and forgotten: press it again."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        threading.Timer(0.01, _press_ctrl_c).start()
    else:
        sys.__unraisablehook__(lost)
