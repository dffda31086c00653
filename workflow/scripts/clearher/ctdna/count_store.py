"""What was counted in read files, kept between runs and data cuts."""

import hashlib
import json
import logging
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd

logger = logging.getLogger("clearher")


class CountStore:
    """Tables counted from read files, found again by a digest of everything that they follow from.

    A new data cut writes all its results anew, but most of its read files have been counted before. A table
    is taken from the store only if the read file's fingerprint, the code, the reference, the settings and
    the positions asked for are the same. The folder may be removed at any time: all is then counted again.

    Parameters
    ----------
    folder : str or Path
        Where the tables lie, one Parquet file each; made when first needed.
    common : Sequence of str
        Digests that all tables follow from: code, reference.
    """

    def __init__(self, folder: str | Path, *common: str) -> None:
        self._folder = Path(folder)
        self._common = common

    def table(self, name: str, makings: list, count: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """The table kept under a name and its makings, or counted now and kept.

        Parameters
        ----------
        name : str
            What is counted, and in which sample, for the log.
        makings : list
            What the table follows from beside the common digests: frames, or values that JSON can hold.
        count : callable
            Counts it.
        """
        path = self._folder / f"{self._digest(name, makings)}.parquet"
        if path.is_file():
            logger.info("%s: counted before", name)
            return pd.read_parquet(path)
        counted = count()
        self._keep(counted, path)
        logger.info("%s: counted", name)
        return counted

    def _digest(self, name: str, makings: list) -> str:
        texts = [
            making.to_csv(index=False) if isinstance(making, pd.DataFrame) else making for making in makings
        ]
        whole = json.dumps([name, *self._common, *texts], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()[:40]

    def _keep(self, counted: pd.DataFrame, path: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{os.getpid()}.part")
        counted.to_parquet(partial, index=False)
        os.replace(partial, path)
