"""model.mechanisms"""
