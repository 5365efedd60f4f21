"""What came after a crisis, as a pack describes it (folder ``after``): every part is optional."""
