"""The log of one job: messages, warnings and the full traceback of what went wrong."""

import contextlib
import logging
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path

from clearher.problems import InputError
from clearher.run_lock import hold_share

logger = logging.getLogger("clearher")


@contextlib.contextmanager
def job_log(path: str | Path) -> Iterator[logging.Logger]:
    """Write a job's messages, warnings and failure to its log file.

    Parameters
    ----------
    path : str or Path
        The rule's log file; made anew.

    Notes
    -----
    A failure is logged with its traceback and ends the job with exit code 1. Problems of the input are
    written without traceback, both to the log and to the terminal: they are the reader's to mend.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    share = hold_share()
    handler = logging.FileHandler(path, mode="w", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").addHandler(handler)
    warnings.simplefilter("default")
    try:
        yield logger
    except InputError as error:
        logger.error("%s", error)
        print(error, file=sys.stderr)
        raise SystemExit(1) from None
    except BaseException:
        logger.error("%s", traceback.format_exc())
        raise
    finally:
        logging.getLogger("py.warnings").removeHandler(handler)
        logger.removeHandler(handler)
        handler.close()
        if share:
            share.close()
