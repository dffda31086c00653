"""Samples that hold another person's DNA."""

import pandas as pd


def foreign_samples(identity: pd.DataFrame) -> set[str]:
    """Samples whose genotype contradicts more of the subject's other samples than it agrees with.

    With two samples that contradict each other nobody can say which is whose: both are named.

    Parameters
    ----------
    identity : pandas.DataFrame
        Table ``variants/identity``: sample_a, sample_b, verdict. Pairs that are NOT_EVALUABLE say nothing.
    """
    swapped = identity.rename(columns={"sample_a": "sample_b", "sample_b": "sample_a"})
    both = pd.concat([identity, swapped])
    against = (both["verdict"] == "MISMATCH").astype(int)
    for_it = (both["verdict"] == "MATCH").astype(int)
    balance = (against - for_it).groupby(both["sample_a"]).sum()
    accused = against.groupby(both["sample_a"]).sum()
    return set(balance.index[(balance > 0) & (accused > 0)])
