"""Copy numbers from a table stand among the variants: altered genes as calls, the others as looked at."""

import pandas as pd
import pytest

from clearher.columns import intake
from clearher.tables import empty, frame_of
from clearher.variants.copies import copy_number_rows
from clearher.variants.watched import of_watched_gene, watched_gene_findings
from ctdna_builders import sample_frame

STATUSES = [
    # gene, copies, status
    ("ERBB2", 6.5, "CALLED"),
    ("MYC", 2.4, "CALLED"),
    ("PIK3CA", 2.1, "REFERENCE"),
    ("PTEN", 1.6, "CALLED"),
]


@pytest.fixture
def rows(settings):
    def run(*genes):
        usual = {"subject_id": "S1", "sample_id": "S1-C1D1", "source": "copies.tsv row 2"}
        copies = [usual | {"gene": gene, "copy_number": number} for gene, number in genes]
        thresholds = settings("variants")["thresholds"]
        return copy_number_rows(
            frame_of(copies, intake.COPIES), sample_frame(("S1", "C1D1")), thresholds=thresholds
        )

    return run


@pytest.mark.parametrize(("gene", "copies", "status"), STATUSES)
def test_gains_and_losses_are_calls(rows, gene, copies, status):
    found = rows((gene, copies)).iloc[0]
    assert (found["status"], found["variant_class"], found["copy_number"]) == (status, "CNV", copies)
    assert (found["alt"], found["specimen"]) == (f"<CNV:{gene}>", "plasma")
    assert pd.isna(found["alt_count"]), "a copy number is no count of reads"


def test_a_gain_of_erbb2_in_the_table_is_a_finding(rows):
    found = watched_gene_findings(
        of_watched_gene(rows(("ERBB2", 6.5), ("MYC", 9.0)).assign(visit="C1D1")), call_filters=[]
    )
    assert found["value"].tolist() == ["copies above 2 in plasma at C1D1 (6.5)"]


def test_without_a_table_there_are_no_rows(settings):
    found = copy_number_rows(
        empty(intake.COPIES), empty(intake.SAMPLES), thresholds=settings("variants")["thresholds"]
    )
    assert found.empty
