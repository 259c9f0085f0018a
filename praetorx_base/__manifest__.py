{
    "name": "Praetorx Base",
    "summary": "Encryption at rest: secrets that PostgreSQL never sees in clear",
    "version": "19.0.2.0.0",
    "category": "Technical",
    "author": "Praetorx",
    "license": "LGPL-3",
    "depends": ["base_setup"],
    "external_dependencies": {"python": ["cryptography"]},
    "data": [
        "security/ir.model.access.csv",
        "data/ir_cron_data.xml",
        "views/praetorx_encryption_status_views.xml",
        "views/res_config_settings_views.xml",
    ],
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
}
