"""Trials: the locked plan, the participants' data and their analysis. Protocol, allocation and monitoring come beside these."""
