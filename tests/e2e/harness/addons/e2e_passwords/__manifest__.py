{
    "name": "Cheap Passwords for End-to-End Tests",
    "summary": "Lets hundreds of people log in without minutes of hashing",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "Praetorx",
    "license": "LGPL-3",
    "depends": ["base"],
    "installable": False,
}
