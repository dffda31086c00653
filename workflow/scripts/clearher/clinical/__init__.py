"""Clinical endpoints: response, time to event, adverse events, anti-drug antibodies."""
