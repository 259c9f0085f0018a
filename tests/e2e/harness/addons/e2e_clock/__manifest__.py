{
    "name": "Clock for End-to-End Tests",
    "summary": "Lets a test live through months in a second",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "Praetorx",
    "license": "LGPL-3",
    "depends": ["base"],
    "installable": False,
}
