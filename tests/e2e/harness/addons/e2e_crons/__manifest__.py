{
    "name": "Prompt Crons for End-to-End Tests",
    "summary": "Wakes the cron workers a tenth of a second earlier",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "Praetorx",
    "license": "LGPL-3",
    "depends": ["base"],
    "installable": False,
}
