"""Monitoring returns of providers: any layout, mapped to the canonical stages, checked and questioned."""
