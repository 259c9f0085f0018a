{
    "name": "Few Assets for Tests",
    "summary": "Compiles no assets that no test loads",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "Praetorx",
    "license": "LGPL-3",
    "depends": ["web"],
    "installable": False,
}
