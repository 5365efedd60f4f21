"""base.files"""
