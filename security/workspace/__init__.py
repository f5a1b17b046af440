"""What people keep of their own work: views of the explorer, shares, cards of saved queries, proposed detectors."""
