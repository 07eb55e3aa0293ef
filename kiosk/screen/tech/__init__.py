"""The field tech's pages on the glass. The pages themselves are `kiosk.flows.tech`; here they are drawn, and talk."""
