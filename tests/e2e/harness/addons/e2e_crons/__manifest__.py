{
    "name": "Prompt Crons for End-to-End Tests",
    "summary": "Lets the cron workers begin at once and take their turn",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "Praetorx",
    "license": "LGPL-3",
    "depends": ["base"],
    "installable": False,
}
