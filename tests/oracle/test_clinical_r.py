"""The numbers of the endpoint table against R, to 1e-6: public cohorts, drawn ones, and known traps.

Compared are the rows the workflow writes (in days, so that months do not blur them), not only the functions
behind them. Needs R with survival and haven (make test-system).
"""

import math
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clearher.clinical.comparison import comparison_rows
from clearher.clinical.survival_summary import QUARTILES, survival_rows
from clearher.intake.config import defaults
from clearher.intake.text_tables import read_text_table
from clearher.statistics.cox import cox_ml, cox_zph
from clearher.statistics.incidence import incidence_rate
from clearher.statistics.proportions import clopper_pearson
from clinical_study import read

pytestmark = pytest.mark.system
HERE = Path(__file__).parent
PUBLIC = ("lung", "colon", "ovarian", "cadtte_os", "cadtte_pfs")
MOMENTS = (5, 20, 33.5, 60)
BANDS = ("log-log", "log", "plain")
# Times with + are censored; what makes each a trap.
TRAPS = {
    "plateau at one half": "2 4 6 8",
    "curve that ends on one half": "5 10 20+ 30+",
    "curve that reaches zero": "10 20 30 40 50 60",
    "only censored": "10+ 20+ 30+ 40+",
    "one event": "5+ 10+ 33 60+ 70+",
    "ties of events and censorings": "5 5 5+ 20 20+ 20+ 33 33 33+ 60 60+ 61+",
    "one subject": "61",
    "quartile on a plateau": "1 2 3 4 5 6 7 8",
    "all at once": "20 20 20 20 20",
}
DRAWN = {"small": 12, "trial": 42, "rounded": 80, "large": 400}
COUNTS = [(0, 42), (1, 42), (13, 42), (21, 42), (41, 42), (42, 42), (0, 1), (1, 1), (500, 1000), (3, 4999)]
EXPOSURE = 12.25


def trap(name: str) -> pd.DataFrame:
    words = TRAPS[name].split()
    time = [float(word.rstrip("+")) for word in words]
    event = [int(not word.endswith("+")) for word in words]
    return pd.DataFrame({"cohort": name, "time": time, "event": event, "arm": "", "stratum": ""})


def drawn(name: str, number: int) -> pd.DataFrame:
    n = DRAWN[name]
    rng = np.random.default_rng([41, number])
    arm, stratum = rng.choice(["a", "b"], n), rng.choice(["x", "y", "z"], n)
    time = np.ceil(rng.exponential(np.where(arm == "a", 40, 60)) + 1)
    if name == "rounded":
        time = np.ceil(time / 21) * 21  # many ties
    event = (rng.random(n) < 0.7).astype(int)
    return pd.DataFrame({"cohort": name, "time": time, "event": event, "arm": arm, "stratum": stratum})


def public(fixtures: Path, name: str) -> pd.DataFrame:
    frame = pd.read_csv(fixtures / "clinical" / "survival_oracle" / f"{name}.csv")
    frame = frame[frame["arm"].notna() & frame["str"].notna()]
    arms = frame["arm"].astype(str)
    return pd.DataFrame(
        {
            "cohort": name,
            "time": frame["time"].astype(float),
            "event": frame["event"].astype(int),
            "arm": arms if arms.nunique() == 2 else "",
            "stratum": frame["str"].astype(str),
        }
    )


@pytest.fixture(scope="module")
def rscript() -> str:
    found = shutil.which("Rscript")
    if found is None:
        pytest.skip("Rscript is not installed; make test-system installs it")
    return found


def run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def cohorts(fixtures) -> dict[str, pd.DataFrame]:
    frames = {name: trap(name) for name in TRAPS}
    frames |= {name: drawn(name, number) for number, name in enumerate(DRAWN)}
    return frames | {name: public(fixtures, name) for name in PUBLIC}


@pytest.fixture(scope="module")
def answers(rscript, cohorts, tmp_path_factory) -> pd.Series:
    """All answers of R, by cohort and quantity, from one run."""
    folder = tmp_path_factory.mktemp("r")
    pd.concat(cohorts.values()).to_csv(folder / "cohorts.csv", index=False)
    counts = pd.DataFrame(COUNTS, columns=["events", "total"]).assign(exposure=EXPOSURE)
    counts.to_csv(folder / "counts.csv", index=False)
    files = [str(folder / name) for name in ("cohorts.csv", "counts.csv", "answers.tsv")]
    run([rscript, str(HERE / "clinical.R"), *files])
    return pd.read_csv(files[2], sep="\t").set_index(["cohort", "quantity"])["value"]


def derived(frame: pd.DataFrame, band: str) -> dict[str, dict]:
    """The rows of the endpoint table, in days, with R's rule for a curve that ends on its quantile."""
    own = {"days_per_month": 1.0, "landmark_months": list(MOMENTS), "km_band": band, "plateau_at_end": "r"}
    times = frame.rename(columns={"time": "days"})
    rows, _ = survival_rows(times, settings=defaults("clinical")["statistics"] | own)
    return {row["statistic"]: row for row in rows}


def same(row: dict, answers: pd.Series, quantity: str) -> None:
    for part, suffix in (("estimate", ""), ("low", " low"), ("high", " high")):
        expected, value = answers[quantity + suffix], row[part]
        if math.isnan(expected):
            assert math.isnan(value), (quantity, part, value)
        else:
            assert value == pytest.approx(expected, abs=1e-6), (quantity, part)


NAMES = (*TRAPS, *DRAWN, *PUBLIC)


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize("name", NAMES)
def test_quantiles_and_follow_up(cohorts, answers, name, band):
    rows, expected = derived(cohorts[name], band), answers[name]
    for statistic, share in QUARTILES.items():
        same(rows[statistic], expected, f"{band} quantile {share:g}")
    same(rows["follow_up_median"], expected, f"{band} follow-up")


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize("name", NAMES)
def test_survival_at_times(cohorts, answers, name, band):
    """Limits are compared where the curve lies between 0 and 1.

    Beyond the last time there is nothing, unless all who were left had the event then: R has no value there.
    """
    rows, expected = derived(cohorts[name], band), answers[name]
    last = cohorts[name]["time"].max()
    ended = bool(cohorts[name].loc[cohorts[name]["time"].eq(last), "event"].all())
    for moment in MOMENTS:
        row = rows[f"survival_{moment:g}m"]
        if moment > last:
            assert row["estimate"] == 0 if ended else math.isnan(row["estimate"])
            continue
        quantity = f"{band} survival {moment:g}"
        if 0 < expected[quantity] < 1:
            same(row, expected, quantity)
        else:
            assert row["estimate"] == expected[quantity]
            assert math.isnan(row["low"])


TWO_ARMS = (*DRAWN, "lung", "ovarian", "cadtte_os", "cadtte_pfs")


@pytest.mark.parametrize("stratified", [False, True], ids=["plain", "stratified"])
@pytest.mark.parametrize("name", TWO_ARMS)
def test_comparison_of_two_arms(cohorts, answers, name, stratified):
    frame, expected = cohorts[name].reset_index(drop=True), answers[name]
    assert frame["arm"].nunique() == 2
    people = frame[["arm", "stratum"]].assign(subject_id=frame.index.astype(str))
    times = frame[["event"]].assign(
        subject_id=frame.index.astype(str), days=frame["time"], endpoint="PFS", rule="primary"
    )
    settings = defaults("clinical")["statistics"] | {"strata": ["stratum"] if stratified else []}
    rows = {row["statistic"]: row for row in comparison_rows(times, people, "all", settings=settings)}
    prefix = "stratified " if stratified else ""
    chi_square = float(rows["log_rank"]["note"].split()[1])
    assert chi_square == pytest.approx(expected[f"{prefix}log-rank"], abs=5.1e-4)  # three decimals printed
    p = math.erfc(math.sqrt(expected[f"{prefix}log-rank"] / 2))
    assert rows["log_rank"]["estimate"] == pytest.approx(p, abs=1e-6)
    same(rows["hazard_ratio"], expected, f"{prefix}hazard ratio")


@pytest.mark.parametrize("name", TWO_ARMS)
def test_proportional_hazards(cohorts, answers, name):
    frame = cohorts[name].reset_index(drop=True)
    assert frame["arm"].nunique() == 2
    member = pd.DataFrame({"arm": frame["arm"].eq(sorted(frame["arm"].unique())[1]).astype(float)})
    assert cox_ml(frame["time"], frame["event"], member).reason == ""
    test = cox_zph(frame["time"], frame["event"], member).loc["arm", "statistic"]
    assert test == pytest.approx(answers[name, "proportional hazards"], abs=1e-6)


@pytest.mark.parametrize("place", range(len(COUNTS)))
def test_exact_limits_of_counts_and_rates(answers, place):
    events, total = COUNTS[place]
    expected = answers[f"counts {place + 1}"]
    same(clopper_pearson(events, total)._asdict(), expected, "share")
    same(incidence_rate(events, EXPOSURE)._asdict(), expected, "rate")


@pytest.fixture(scope="module")
def sas_folder(rscript, fixtures, tmp_path_factory) -> Path:
    """DM, EX and RS of 205 subjects as SAS7BDAT, written by haven from the CSV files."""
    folder = tmp_path_factory.mktemp("sas")
    files = {"dm": "dm.csv", "ex": "ex.csv", "rs": "rs_onco_ovrlresp.csv"}
    for domain, file in files.items():
        target = folder / f"{domain}.sas7bdat"
        run([rscript, str(HERE / "sas_files.R"), str(fixtures / "clinical" / file), str(target)])
    return folder


ROWS = defaults("clinical")["response"]["rows"]
EXCLUDE_CHECK = {"response": {"rows": ROWS | {"value_map": {"CHECK": "exclude"}}}}


@pytest.mark.parametrize(
    ("domain", "file"), [("dm", "dm.csv"), ("ex", "ex.csv"), ("rs", "rs_onco_ovrlresp.csv")]
)
def test_sas_data_sets_are_the_same_tables_as_csv(sas_folder, fixtures, domain, file):
    ours, problems = read_text_table(sas_folder / f"{domain}.sas7bdat")
    assert problems == []
    expected, _ = read_text_table(fixtures / "clinical" / file)
    pd.testing.assert_frame_equal(ours, expected)


def test_sas_data_sets_give_the_same_records(sas_folder, fixtures, tmp_path):
    for domain, file in (("dm", "dm.csv"), ("ex", "ex.csv"), ("rs", "rs_onco_ovrlresp.csv")):
        shutil.copy(fixtures / "clinical" / file, tmp_path / f"{domain}.csv")
    ours, expected = (read(folder, clinical=EXCLUDE_CHECK) for folder in (sas_folder, tmp_path))
    for name, frame in expected.frames().items():
        pd.testing.assert_frame_equal(getattr(ours, name), frame)


def test_a_data_set_that_sas_itself_wrote(rscript, tmp_path):
    """haven brings one: 150 flowers, four measurements; its CSV by haven is the answer."""
    code = 'cat(system.file("examples", "iris.sas7bdat", package = "haven"))'
    path = subprocess.run([rscript, "-e", code], capture_output=True, text=True, check=True).stdout.strip()
    if not path:
        pytest.skip("haven is not installed; make test-system installs it")
    expected = tmp_path / "iris.csv"
    code = f'write.csv(haven::read_sas("{path}"), "{expected}", row.names = FALSE, quote = FALSE)'
    run([rscript, "-e", code])
    ours, problems = read_text_table(path)
    assert problems == []
    assert len(ours) == 150
    pd.testing.assert_frame_equal(ours, read_text_table(expected)[0])
