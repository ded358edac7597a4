"""Server processes: started, bounded, replaced, stopped."""
