"""The people who work here: accounts, key pairs, sign-in, second factor, roles and the confidentiality pledge."""
