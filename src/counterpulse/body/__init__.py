"""The patient: circulation, balloon and gas, rhythm, and what the bedside monitor shows of them. Knows no controller."""
