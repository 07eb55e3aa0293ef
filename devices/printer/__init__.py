"""Ticket printers: text and bytes (pure), the ESC/POS driver, and a printer to test it with."""

from devices.printer.driver import EscposPrinter

__all__ = ["EscposPrinter"]
