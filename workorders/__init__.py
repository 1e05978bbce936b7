"""What the call was for: a draft work order, and the words that each part of it rests on."""
