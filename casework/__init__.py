"""casework: the working system of a psychological-aid hotline and its social casework."""
