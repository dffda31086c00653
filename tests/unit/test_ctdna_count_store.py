"""What was counted before is taken again exactly when everything it follows from is the same."""

import pandas as pd
import pytest

from clearher.columns import ctdna as columns
from clearher.columns import variants
from clearher.ctdna import reads_job
from clearher.ctdna.count_store import CountStore
from clearher.ctdna.reads_job import count_reads
from clearher.tables import empty, frame_of
from ctdna_bam import CONTIG, pair, stretch, write_bam

COUNTED = pd.DataFrame({"pos": [10], "depth": [3]})


@pytest.mark.parametrize(
    ("common", "name", "makings", "times", "why"),
    [
        (["code 1"], "S1", ["print 1", {"unit": "fragment"}, [1]], 1, "all the same: taken from the store"),
        (["code 2"], "S1", ["print 1", {"unit": "fragment"}, [1]], 2, "edited code"),
        (["code 1"], "S2", ["print 1", {"unit": "fragment"}, [1]], 2, "another sample"),
        (["code 1"], "S1", ["print 2", {"unit": "fragment"}, [1]], 2, "another read file"),
        (["code 1"], "S1", ["print 1", {"unit": "read"}, [1]], 2, "another setting"),
        (["code 1"], "S1", ["print 1", {"unit": "fragment"}, [2]], 2, "other positions"),
    ],
)
def test_only_the_same_makings_are_the_same_count(tmp_path, common, name, makings, times, why):
    counts = []
    for given, what, of in (
        (["code 1"], "S1", ["print 1", {"unit": "fragment"}, [1]]),
        (common, name, makings),
    ):
        table = CountStore(tmp_path / "kept", *given).table(what, of, lambda: counts.append(1) or COUNTED)
        pd.testing.assert_frame_equal(table, COUNTED)
    assert len(counts) == times, why


def test_nothing_is_kept_of_a_count_that_failed(tmp_path):
    def fails():
        raise OSError("truncated file")

    store = CountStore(tmp_path / "kept")
    with pytest.raises(OSError, match="truncated"):
        store.table("S1", [], fails)
    assert not (tmp_path / "kept").exists()
    assert len(store.table("S1", [], lambda: COUNTED)) == 1
    assert [path.suffix for path in (tmp_path / "kept").iterdir()] == [".parquet"]


def test_a_variant_found_at_a_later_visit_leaves_the_background_without_reading_again(
    tmp_path, settings, monkeypatch
):
    """The position of a new record no longer counts as error, and the read file is not opened for that."""
    reads = [read for number in range(20) for read in pair(f"r{number}", 0, stretch(0, 40))]
    reads += pair("error", 0, stretch(0, 40, p30="T"))
    path = write_bam(tmp_path / "s.bam", reads)
    tracked = frame_of(
        [{"subject_id": "P", "chrom": CONTIG, "pos": 11, "ref": "A", "alt": "T"}], columns.TRACKED
    )
    place = {"subject_id": "P", "sample_id": "S2", "chrom": CONTIG, "pos": 31, "ref": "C", "alt": "T"}
    new = place | {"status": "CALLED"}

    def background(recorded):
        counted = count_reads(
            path,
            sample_id="S1",
            subject_id="P",
            tracked=tracked,
            variants=recorded,
            call_filters=["few_alt", "low_vaf"],
            settings=settings("ctdna"),
            store=CountStore(tmp_path / "kept"),
            fingerprint="print 1",
        )
        return counted.background["alt"].sum()

    assert background(empty(variants.VARIANTS)) == 1
    for reader in ("count_sample", "panel_positions"):
        monkeypatch.setattr(reads_job, reader, None)
    assert background(frame_of([new], variants.VARIANTS)) == 0
    artefact = place | {"status": "FILTERED", "reasons": "one_strand"}
    assert background(frame_of([artefact], variants.VARIANTS)) == 0


@pytest.mark.parametrize(
    ("status", "reasons", "why"),
    [
        ("BELOW_CALL", "few_alt", "three reads that a caller noted are where an error shows"),
        ("FILTERED", "caller_filter;low_vaf", "the caller's own filters do not make it a variant"),
        ("REFERENCE", "", "a forced genotype without the allele"),
    ],
)
def test_noise_that_a_caller_noted_stays_in_the_background(tmp_path, settings, status, reasons, why):
    """Trap: files before filtering note the errors; without those the background is too low."""
    reads = [read for number in range(20) for read in pair(f"r{number}", 0, stretch(0, 40))]
    path = write_bam(tmp_path / "s.bam", [*reads, *pair("error", 0, stretch(0, 40, p30="T"))])
    tracked = {"subject_id": "P", "chrom": CONTIG, "pos": 11, "ref": "A", "alt": "T"}
    noted = {"subject_id": "P", "sample_id": "S1", "chrom": CONTIG, "pos": 31, "ref": "C", "alt": "T"}
    counted = count_reads(
        path,
        sample_id="S1",
        subject_id="P",
        tracked=frame_of([tracked], columns.TRACKED),
        variants=frame_of([noted | {"status": status, "reasons": reasons}], variants.VARIANTS),
        call_filters=["few_alt", "low_vaf"],
        settings=settings("ctdna"),
        store=CountStore(tmp_path / "kept"),
        fingerprint="print 1",
    )
    assert counted.background["alt"].sum() == 1, why
