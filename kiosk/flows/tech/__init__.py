"""The field tech at the touchscreen: the hidden knock, the PIN, the pages behind it. Pure, like the customer's visit."""
