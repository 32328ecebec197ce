"""Messages of foreign sources on their way into a batch: decoded, mapped, stamped, answered."""
