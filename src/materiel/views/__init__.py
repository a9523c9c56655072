"""What people see: words, charts, and the brief."""

from materiel.views.brief import Brief, brief

__all__ = ["Brief", "brief"]
