"""The main job from end to end, on one computer: sample workbook, real click, real browser, practice site."""
