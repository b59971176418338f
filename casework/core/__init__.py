"""The ground everything stands on; knows no word of the domain."""
