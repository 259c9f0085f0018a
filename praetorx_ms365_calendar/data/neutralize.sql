-- a copied database must not touch anybody's real calendar
UPDATE res_users
   SET ms365_sync_enabled = FALSE,
       microsoft_calendar_rtoken = NULL,
       microsoft_calendar_token = NULL,
       microsoft_calendar_token_validity = NULL;

UPDATE praetorx_ms365_account
   SET enabled = FALSE,
       state = 'signed_out',
       parked_refresh_token = NULL,
       signed_in_at = NULL,
       signed_in_client_id = NULL,
       signed_in_mailbox_id = NULL,
       signed_in_by_code = NULL,
       signed_in_scope = NULL;

DELETE FROM praetorx_ms365_notification;

DELETE FROM praetorx_ms365_subscription;

DELETE FROM praetorx_ms365_outbox;

DELETE FROM praetorx_ms365_approval;

DELETE FROM praetorx_ms365_farewell;

DELETE FROM praetorx_ms365_mailbox_question;

DELETE FROM praetorx_ms365_device_code;

DELETE FROM praetorx_ms365_difference;

DELETE FROM praetorx_ms365_preview;

DELETE FROM praetorx_ms365_busy_day;

UPDATE res_company
   SET ms365_client_id = NULL,
       ms365_client_secret = NULL;

DELETE FROM ir_config_parameter
      WHERE key IN (
          'microsoft_calendar_client_secret',
          'praetorx_ms365_calendar.webhook_base_url'
      );

UPDATE res_config_settings
   SET cal_microsoft_client_secret = NULL;
