"""Everything about competing causes, from one place; the modules named below hold it. `event` is 0 (censored) or a whole cause number."""

from counterpulse.stats.aalen_johansen import Incidence, aalen_johansen
from counterpulse.stats.fine_gray import fine_gray
from counterpulse.stats.gray import GrayTest, gray
from counterpulse.stats.times import Survival

__all__ = ["GrayTest", "Incidence", "Survival", "aalen_johansen", "fine_gray", "gray"]
