"""What a pack says about the time after a crisis (folder ``after``): each part is optional."""
