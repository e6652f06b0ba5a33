"""What goes out: results, statuses, hints."""
