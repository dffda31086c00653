"""Copy numbers of genes from a table beside the variant files, as rows among the variants."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from clearher.columns import variants as columns
from clearher.tables import conform


def copy_number_rows(
    copies: pd.DataFrame, samples: pd.DataFrame, *, thresholds: Mapping[str, float]
) -> pd.DataFrame:
    """Rows of table ``variants/variants`` for genes with a copy number.

    Gains and losses are CALLED, genes between the two limits REFERENCE: looked at and not altered. The allele
    is ``<CNV:gene>`` at no place; it cannot be counted in reads and never enters a level.

    Parameters
    ----------
    copies : pandas.DataFrame
        Table ``intake/records/copies``.
    samples : pandas.DataFrame
        Table ``intake/samples``, for the specimen.
    thresholds : Mapping
        gain_copies, loss_copies.
    """
    altered = (copies["copy_number"] >= thresholds["gain_copies"]) | (
        copies["copy_number"] <= thresholds["loss_copies"]
    )
    specimen = copies["sample_id"].map(samples.set_index("sample_id")["specimen"])
    rows = pd.DataFrame(dict.fromkeys(columns.VARIANTS.names, ""), index=copies.index, dtype=object)
    for column in columns.VARIANTS.columns:
        if column.type != "text":
            rows[column.name] = np.nan
    rows = rows.assign(
        subject_id=copies["subject_id"],
        sample_id=copies["sample_id"],
        specimen=specimen.fillna(""),
        pos=1,
        ref="N",
        alt="<CNV:" + copies["gene"] + ">",
        variant_class="CNV",
        caller="copy_numbers",
        filter=".",
        gene=copies["gene"],
        copy_number=copies["copy_number"],
        status=np.where(altered, "CALLED", "REFERENCE"),
        flags="symbolic",
        source=copies["source"],
    )
    return conform(rows, columns.VARIANTS)
