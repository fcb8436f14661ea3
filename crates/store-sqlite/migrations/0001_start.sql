CREATE TABLE "meta" (
  "key" TEXT NOT NULL,
  "value" TEXT NOT NULL,
  PRIMARY KEY ("key")
) STRICT, WITHOUT ROWID;
CREATE TABLE "workspace" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "slug" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "settings" TEXT NOT NULL,
  "created_at" INTEGER NOT NULL,
  PRIMARY KEY ("workspace_id")
) STRICT;
CREATE UNIQUE INDEX "ux_workspace__slug" ON "workspace" ("slug");
CREATE TABLE "record" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "object" TEXT NOT NULL,
  "owner_id" BLOB,
  "team_id" BLOB,
  "deleted_at" INTEGER,
  "merged_into" BLOB,
  "rid" INTEGER NOT NULL,
  "salt" BLOB,
  PRIMARY KEY ("workspace_id", "id")
) STRICT, WITHOUT ROWID;
CREATE INDEX "ix_record__deleted_at" ON "record" ("workspace_id", "deleted_at") WHERE "deleted_at" IS NOT NULL;
CREATE TABLE "record_link" (
  "workspace_id" INTEGER NOT NULL,
  "object" TEXT NOT NULL,
  "field" TEXT NOT NULL,
  "from_id" BLOB NOT NULL,
  "to_id" BLOB NOT NULL,
  "position" INTEGER NOT NULL,
  PRIMARY KEY ("workspace_id", "object", "field", "from_id", "to_id")
) STRICT, WITHOUT ROWID;
CREATE INDEX "ix_record_link__to_id__object__field" ON "record_link" ("workspace_id", "to_id", "object", "field");
CREATE TABLE "field_index" (
  "workspace_id" INTEGER NOT NULL,
  "field" INTEGER NOT NULL,
  "kind" INTEGER NOT NULL,
  "key" BLOB NOT NULL,
  "record_id" BLOB NOT NULL,
  PRIMARY KEY ("workspace_id", "field", "kind", "key", "record_id")
) STRICT, WITHOUT ROWID;
CREATE INDEX "ix_field_index__record_id__field" ON "field_index" ("workspace_id", "record_id", "field");
CREATE TABLE "record_tag" (
  "workspace_id" INTEGER NOT NULL,
  "tag_id" BLOB NOT NULL,
  "record_id" BLOB NOT NULL,
  "at" INTEGER NOT NULL,
  PRIMARY KEY ("workspace_id", "tag_id", "record_id"),
  FOREIGN KEY ("workspace_id", "record_id") REFERENCES "record" ("workspace_id", "id")
) STRICT, WITHOUT ROWID;
CREATE INDEX "ix_record_tag__record_id" ON "record_tag" ("workspace_id", "record_id");
CREATE TABLE "record_share" (
  "workspace_id" INTEGER NOT NULL,
  "record_id" BLOB NOT NULL,
  "grantee_id" BLOB NOT NULL,
  "may_update" INTEGER NOT NULL,
  "at" INTEGER NOT NULL,
  PRIMARY KEY ("workspace_id", "record_id", "grantee_id"),
  FOREIGN KEY ("workspace_id", "record_id") REFERENCES "record" ("workspace_id", "id")
) STRICT, WITHOUT ROWID;
CREATE INDEX "ix_record_share__grantee_id" ON "record_share" ("workspace_id", "grantee_id");
CREATE TABLE "follower" (
  "workspace_id" INTEGER NOT NULL,
  "record_id" BLOB NOT NULL,
  "user_id" BLOB NOT NULL,
  "at" INTEGER NOT NULL,
  PRIMARY KEY ("workspace_id", "record_id", "user_id"),
  FOREIGN KEY ("workspace_id", "record_id") REFERENCES "record" ("workspace_id", "id")
) STRICT, WITHOUT ROWID;
CREATE TABLE "timeline" (
  "workspace_id" INTEGER NOT NULL,
  "record_id" BLOB NOT NULL,
  "at" INTEGER NOT NULL,
  "kind" TEXT NOT NULL,
  "reference_id" BLOB NOT NULL,
  PRIMARY KEY ("workspace_id", "record_id", "at", "reference_id", "kind"),
  FOREIGN KEY ("workspace_id", "record_id") REFERENCES "record" ("workspace_id", "id")
) STRICT, WITHOUT ROWID;
CREATE INDEX "ix_timeline__reference_id" ON "timeline" ("workspace_id", "reference_id");
CREATE TABLE "external_key" (
  "workspace_id" INTEGER NOT NULL,
  "object" TEXT NOT NULL,
  "source" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  "record_id" BLOB NOT NULL,
  PRIMARY KEY ("workspace_id", "object", "source", "key"),
  FOREIGN KEY ("workspace_id", "record_id") REFERENCES "record" ("workspace_id", "id")
) STRICT, WITHOUT ROWID;
CREATE INDEX "ix_external_key__record_id" ON "external_key" ("workspace_id", "record_id");
CREATE TABLE "alias" (
  "workspace_id" INTEGER NOT NULL,
  "object" TEXT NOT NULL,
  "id" BLOB NOT NULL,
  "to_id" BLOB NOT NULL,
  PRIMARY KEY ("workspace_id", "object", "id")
) STRICT, WITHOUT ROWID;
CREATE INDEX "ix_alias__to_id" ON "alias" ("workspace_id", "to_id");
CREATE TABLE "image" (
  "workspace_id" INTEGER NOT NULL,
  "operation_id" BLOB NOT NULL,
  "record_id" BLOB NOT NULL,
  "object" TEXT NOT NULL,
  "version_after" INTEGER NOT NULL,
  "before" TEXT,
  PRIMARY KEY ("workspace_id", "operation_id", "record_id")
) STRICT, WITHOUT ROWID;
CREATE TABLE "relink_image" (
  "workspace_id" INTEGER NOT NULL,
  "operation_id" BLOB NOT NULL,
  "place" TEXT NOT NULL,
  "record_id" BLOB NOT NULL,
  "from_id" BLOB NOT NULL,
  "to_id" BLOB NOT NULL,
  "detail" TEXT NOT NULL,
  PRIMARY KEY ("workspace_id", "operation_id", "place", "record_id", "detail")
) STRICT;
CREATE TABLE "outbox" (
  "workspace_id" INTEGER NOT NULL,
  "bucket" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "kind" TEXT NOT NULL,
  "record_id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "at" INTEGER NOT NULL,
  PRIMARY KEY ("workspace_id", "bucket", "id")
) STRICT, WITHOUT ROWID;
CREATE TABLE "audit" (
  "workspace_id" INTEGER NOT NULL,
  "bucket" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "at" INTEGER NOT NULL,
  "actor" BLOB NOT NULL,
  "via" TEXT NOT NULL,
  "request" BLOB NOT NULL,
  "action" TEXT NOT NULL,
  "object" TEXT NOT NULL,
  "record_id" BLOB NOT NULL,
  "detail" BLOB NOT NULL,
  PRIMARY KEY ("workspace_id", "bucket", "id")
) STRICT;
CREATE INDEX "ix_audit__record_id__at" ON "audit" ("workspace_id", "record_id", "at");
CREATE TRIGGER "audit_no_update" BEFORE UPDATE ON "audit" BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER "audit_no_delete" BEFORE DELETE ON "audit" BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TABLE "seal" (
  "workspace_id" INTEGER NOT NULL,
  "stream" TEXT NOT NULL,
  "position" INTEGER NOT NULL,
  "entry_id" BLOB NOT NULL,
  "hash" BLOB NOT NULL,
  PRIMARY KEY ("workspace_id", "stream", "position")
) STRICT;
CREATE INDEX "ix_seal__entry_id" ON "seal" ("workspace_id", "entry_id");
CREATE TRIGGER "seal_no_update" BEFORE UPDATE ON "seal" BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER "seal_no_delete" BEFORE DELETE ON "seal" BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TABLE "idempotency" (
  "workspace_id" INTEGER NOT NULL,
  "actor" BLOB NOT NULL,
  "route" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  "hash" BLOB NOT NULL,
  "status" INTEGER NOT NULL,
  "result" TEXT NOT NULL,
  "at" INTEGER NOT NULL,
  PRIMARY KEY ("workspace_id", "actor", "route", "key")
) STRICT, WITHOUT ROWID;
CREATE INDEX "ix_idempotency__at" ON "idempotency" ("workspace_id", "at");
CREATE TABLE "job" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "kind" TEXT NOT NULL,
  "payload" TEXT NOT NULL,
  "state" TEXT NOT NULL,
  "run_at" INTEGER NOT NULL,
  "attempts" INTEGER NOT NULL,
  "lease_token" BLOB,
  "lease_beat" INTEGER NOT NULL,
  "dedupe" TEXT,
  "error" TEXT,
  "progress" TEXT,
  "created_at" INTEGER NOT NULL,
  "finished_at" INTEGER,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_job__state__run_at" ON "job" ("workspace_id", "state", "run_at");
CREATE UNIQUE INDEX "ux_job__kind__dedupe" ON "job" ("workspace_id", "kind", "dedupe") WHERE "dedupe" IS NOT NULL;
CREATE TABLE "counter" (
  "workspace_id" INTEGER NOT NULL,
  "name" TEXT NOT NULL,
  "window_start" INTEGER NOT NULL,
  "value" INTEGER NOT NULL,
  PRIMARY KEY ("workspace_id", "name")
) STRICT, WITHOUT ROWID;
CREATE TABLE "definition" (
  "workspace_id" INTEGER NOT NULL,
  "name" TEXT NOT NULL,
  "revision" INTEGER NOT NULL,
  "body" TEXT NOT NULL,
  PRIMARY KEY ("workspace_id", "name")
) STRICT;
CREATE TABLE "custom_record" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "owner_id" BLOB,
  "team_id" BLOB,
  "object" TEXT NOT NULL,
  "custom" TEXT NOT NULL,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_custom_record__object__id" ON "custom_record" ("workspace_id", "object", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_custom_record__object__updated_at__id" ON "custom_record" ("workspace_id", "object", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE TABLE "search_doc" (
  "workspace_id" INTEGER NOT NULL,
  "rid" INTEGER NOT NULL,
  "object" TEXT NOT NULL,
  "record_id" BLOB NOT NULL,
  "plain" TEXT NOT NULL,
  "words" TEXT,
  "tokens" TEXT,
  PRIMARY KEY ("workspace_id", "rid")
) STRICT, WITHOUT ROWID;
CREATE TABLE "consent_head" (
  "workspace_id" INTEGER NOT NULL,
  "address_hash" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "entry_id" BLOB NOT NULL,
  PRIMARY KEY ("workspace_id", "address_hash")
) STRICT, WITHOUT ROWID;
CREATE TABLE "transfer" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "kind" TEXT NOT NULL,
  "object" TEXT NOT NULL,
  "state" TEXT NOT NULL,
  "actor" BLOB NOT NULL,
  "settings" TEXT NOT NULL,
  "progress" TEXT NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "finished_at" INTEGER,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_transfer__created_at" ON "transfer" ("workspace_id", "created_at");
CREATE TABLE "transfer_row" (
  "workspace_id" INTEGER NOT NULL,
  "transfer_id" BLOB NOT NULL,
  "row_number" INTEGER NOT NULL,
  "hash" BLOB NOT NULL,
  "outcome" TEXT NOT NULL,
  "record_id" BLOB,
  "detail" TEXT,
  PRIMARY KEY ("workspace_id", "transfer_id", "row_number")
) STRICT, WITHOUT ROWID;
CREATE TABLE "account" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "email" TEXT NOT NULL,
  "password_hash" TEXT,
  "totp" BLOB,
  "totp_next" BLOB,
  "totp_step" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "changed_at" INTEGER NOT NULL,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE UNIQUE INDEX "ux_account__email" ON "account" ("workspace_id", "email");
CREATE TABLE "recovery_code" (
  "workspace_id" INTEGER NOT NULL,
  "account_id" BLOB NOT NULL,
  "hash" BLOB NOT NULL,
  PRIMARY KEY ("workspace_id", "account_id", "hash")
) STRICT, WITHOUT ROWID;
CREATE TABLE "membership" (
  "workspace_id" INTEGER NOT NULL,
  "account_id" BLOB NOT NULL,
  "place" INTEGER NOT NULL,
  "user_id" BLOB NOT NULL,
  PRIMARY KEY ("workspace_id", "account_id", "place")
) STRICT, WITHOUT ROWID;
CREATE INDEX "ix_membership__place__user_id" ON "membership" ("workspace_id", "place", "user_id");
CREATE TABLE "session" (
  "workspace_id" INTEGER NOT NULL,
  "hash" BLOB NOT NULL,
  "kind" TEXT NOT NULL,
  "account_id" BLOB NOT NULL,
  "place" INTEGER NOT NULL,
  "user_id" BLOB NOT NULL,
  "created_at" INTEGER NOT NULL,
  "seen_at" INTEGER NOT NULL,
  "expires_at" INTEGER NOT NULL,
  "proved_at" INTEGER NOT NULL,
  "device" TEXT NOT NULL,
  "network" TEXT NOT NULL,
  PRIMARY KEY ("workspace_id", "hash")
) STRICT;
CREATE INDEX "ix_session__account_id" ON "session" ("workspace_id", "account_id");
CREATE INDEX "ix_session__place__user_id" ON "session" ("workspace_id", "place", "user_id");
CREATE INDEX "ix_session__expires_at" ON "session" ("workspace_id", "expires_at");
CREATE TABLE "token" (
  "workspace_id" INTEGER NOT NULL,
  "hash" BLOB NOT NULL,
  "id" BLOB NOT NULL,
  "user_id" BLOB NOT NULL,
  "name" TEXT NOT NULL,
  "scopes" TEXT NOT NULL,
  "created_at" INTEGER NOT NULL,
  "expires_at" INTEGER,
  "revoked_at" INTEGER,
  "used_at" INTEGER,
  "networks" TEXT,
  PRIMARY KEY ("workspace_id", "hash")
) STRICT;
CREATE INDEX "ix_token__user_id" ON "token" ("workspace_id", "user_id");
CREATE TABLE "lease" (
  "workspace_id" INTEGER NOT NULL,
  "name" TEXT NOT NULL,
  "token" BLOB NOT NULL,
  "beat" INTEGER NOT NULL,
  "taken_at" INTEGER NOT NULL,
  PRIMARY KEY ("workspace_id", "name")
) STRICT, WITHOUT ROWID;
CREATE TABLE "activity" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "owner_id" BLOB,
  "team_id" BLOB,
  "subject" TEXT,
  "subject__fold" TEXT,
  "subject__key" BLOB,
  "kind" TEXT,
  "status" TEXT,
  "priority" TEXT,
  "due_at" INTEGER,
  "starts_at" INTEGER,
  "ends_at" INTEGER,
  "recurrence" TEXT,
  "recurrence__fold" TEXT,
  "place" TEXT,
  "place__fold" TEXT,
  "invitees" TEXT,
  "target_id" BLOB,
  "contact_id" BLOB,
  "company_id" BLOB,
  "deal_id" BLOB,
  "outcome" TEXT,
  "outcome__fold" TEXT,
  "next_step" TEXT,
  "next_step__fold" TEXT,
  "completed_at" INTEGER,
  "interaction_id" BLOB,
  "description" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_activity__updated_at" ON "activity" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_activity__subject__key" ON "activity" ("workspace_id", "subject__key", "id") WHERE "deleted_at" IS NULL AND "subject__key" IS NOT NULL;
CREATE INDEX "ix_activity__status" ON "activity" ("workspace_id", "status", "id") WHERE "deleted_at" IS NULL AND "status" IS NOT NULL;
CREATE INDEX "ix_activity__due_at" ON "activity" ("workspace_id", "due_at", "id") WHERE "deleted_at" IS NULL AND "due_at" IS NOT NULL;
CREATE INDEX "ix_activity__starts_at" ON "activity" ("workspace_id", "starts_at", "id") WHERE "deleted_at" IS NULL AND "starts_at" IS NOT NULL;
CREATE INDEX "ix_activity__owner_id__status__due_at" ON "activity" ("workspace_id", "owner_id", "status", "due_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_activity__contact_id__due_at" ON "activity" ("workspace_id", "contact_id", "due_at", "id", "deleted_at");
CREATE INDEX "ix_activity__company_id__due_at" ON "activity" ("workspace_id", "company_id", "due_at", "id", "deleted_at");
CREATE INDEX "ix_activity__deal_id__due_at" ON "activity" ("workspace_id", "deal_id", "due_at", "id", "deleted_at");
CREATE INDEX "ix_activity__target_id" ON "activity" ("workspace_id", "target_id", "id", "deleted_at");
CREATE INDEX "ix_activity__interaction_id" ON "activity" ("workspace_id", "interaction_id", "id") WHERE "interaction_id" IS NOT NULL;
CREATE TABLE "campaign" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "owner_id" BLOB,
  "team_id" BLOB,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "kind" TEXT,
  "status" TEXT,
  "starts_on" INTEGER,
  "ends_on" INTEGER,
  "budget" INTEGER,
  "budget__currency" TEXT,
  "budget__base" INTEGER,
  "budget__rate" TEXT,
  "budget__rated_on" INTEGER,
  "brand" TEXT,
  "brand__fold" TEXT,
  "customer_value" TEXT,
  "goal" TEXT,
  "list_id" BLOB,
  "description" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_campaign__updated_at" ON "campaign" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_campaign__name__key" ON "campaign" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE INDEX "ix_campaign__starts_on" ON "campaign" ("workspace_id", "starts_on", "id") WHERE "deleted_at" IS NULL AND "starts_on" IS NOT NULL;
CREATE INDEX "ix_campaign__ends_on" ON "campaign" ("workspace_id", "ends_on", "id") WHERE "deleted_at" IS NULL AND "ends_on" IS NOT NULL;
CREATE INDEX "ix_campaign__budget__base" ON "campaign" ("workspace_id", "budget__base", "id") WHERE "deleted_at" IS NULL AND "budget__base" IS NOT NULL;
CREATE INDEX "ix_campaign__status__starts_on" ON "campaign" ("workspace_id", "status", "starts_on", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_campaign__list_id" ON "campaign" ("workspace_id", "list_id", "id") WHERE "list_id" IS NOT NULL;
CREATE TABLE "category" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "code" TEXT,
  "parent_id" BLOB,
  "position" INTEGER,
  "description" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_category__updated_at" ON "category" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_category__name__key" ON "category" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE UNIQUE INDEX "ux_category__code" ON "category" ("workspace_id", "code") WHERE "deleted_at" IS NULL AND "code" IS NOT NULL;
CREATE INDEX "ix_category__parent_id" ON "category" ("workspace_id", "parent_id", "id", "deleted_at");
CREATE TABLE "company" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "owner_id" BLOB,
  "team_id" BLOB,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "legal_name" TEXT,
  "legal_name__fold" TEXT,
  "kind" TEXT,
  "industry" TEXT,
  "size" INTEGER,
  "annual_revenue" INTEGER,
  "annual_revenue__currency" TEXT,
  "annual_revenue__base" INTEGER,
  "annual_revenue__rate" TEXT,
  "annual_revenue__rated_on" INTEGER,
  "emails" TEXT,
  "phones" TEXT,
  "website" TEXT,
  "legal_id" TEXT,
  "registration_number" TEXT,
  "economic_code" TEXT,
  "fiscal_year_start" TEXT,
  "credit_limit" INTEGER,
  "credit_limit__currency" TEXT,
  "credit_limit__base" INTEGER,
  "credit_limit__rate" TEXT,
  "credit_limit__rated_on" INTEGER,
  "credit_terms_days" INTEGER,
  "price_class" TEXT,
  "parent_id" BLOB,
  "tier_above_id" BLOB,
  "territory_id" BLOB,
  "country" TEXT,
  "province" TEXT,
  "province__fold" TEXT,
  "city" TEXT,
  "city__fold" TEXT,
  "city__key" BLOB,
  "address" TEXT,
  "postal_code" TEXT,
  "source" TEXT,
  "founded_year" INTEGER,
  "description" TEXT,
  "last_touch_at" INTEGER,
  "next_touch_at" INTEGER,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_company__updated_at" ON "company" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_company__name__key" ON "company" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE INDEX "ix_company__size" ON "company" ("workspace_id", "size", "id") WHERE "deleted_at" IS NULL AND "size" IS NOT NULL;
CREATE INDEX "ix_company__annual_revenue__base" ON "company" ("workspace_id", "annual_revenue__base", "id") WHERE "deleted_at" IS NULL AND "annual_revenue__base" IS NOT NULL;
CREATE INDEX "ix_company__city__key" ON "company" ("workspace_id", "city__key", "id") WHERE "deleted_at" IS NULL AND "city__key" IS NOT NULL;
CREATE INDEX "ix_company__last_touch_at" ON "company" ("workspace_id", "last_touch_at", "id") WHERE "deleted_at" IS NULL AND "last_touch_at" IS NOT NULL;
CREATE INDEX "ix_company__owner_id" ON "company" ("workspace_id", "owner_id", "id", "deleted_at") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_company__team_id" ON "company" ("workspace_id", "team_id", "id", "deleted_at") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_company__parent_id" ON "company" ("workspace_id", "parent_id", "id", "deleted_at");
CREATE INDEX "ix_company__name__fold" ON "company" ("workspace_id", "name__fold", "id", "owner_id", "team_id", "deleted_at") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_company__tier_above_id" ON "company" ("workspace_id", "tier_above_id", "id") WHERE "tier_above_id" IS NOT NULL;
CREATE INDEX "ix_company__territory_id" ON "company" ("workspace_id", "territory_id", "id") WHERE "territory_id" IS NOT NULL;
CREATE TABLE "competitor" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "owner_id" BLOB,
  "team_id" BLOB,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "company_id" BLOB,
  "website" TEXT,
  "strengths" TEXT,
  "weaknesses" TEXT,
  "products" TEXT,
  "threat" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_competitor__updated_at" ON "competitor" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_competitor__name__key" ON "competitor" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE INDEX "ix_competitor__company_id" ON "competitor" ("workspace_id", "company_id", "id", "deleted_at");
CREATE TABLE "consent_entry" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "address_hash" TEXT,
  "channel" TEXT,
  "purpose" TEXT,
  "verdict" TEXT,
  "at" INTEGER,
  "expires_at" INTEGER,
  "text_shown" TEXT,
  "text_hash" TEXT,
  "source" TEXT,
  "proof" TEXT,
  "proof__fold" TEXT,
  "basis" TEXT,
  "form_url" TEXT,
  "form_url__fold" TEXT,
  "opt_in_message" TEXT,
  "opt_in_message__fold" TEXT,
  "ip" TEXT,
  "contact_point_id" BLOB,
  "contact_id" BLOB,
  "company_id" BLOB,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_consent_entry__at" ON "consent_entry" ("workspace_id", "at", "id") WHERE "at" IS NOT NULL;
CREATE INDEX "ix_consent_entry__address_hash__channel__purpose" ON "consent_entry" ("workspace_id", "address_hash", "channel", "purpose", "id");
CREATE INDEX "ix_consent_entry__contact_point_id" ON "consent_entry" ("workspace_id", "contact_point_id", "id");
CREATE INDEX "ix_consent_entry__contact_id" ON "consent_entry" ("workspace_id", "contact_id", "id");
CREATE TRIGGER "consent_entry_no_update" BEFORE UPDATE ON "consent_entry" BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER "consent_entry_no_delete" BEFORE DELETE ON "consent_entry" BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TABLE "contact" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "owner_id" BLOB,
  "team_id" BLOB,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "job_title" TEXT,
  "job_title__fold" TEXT,
  "job_title__key" BLOB,
  "department" TEXT,
  "department__fold" TEXT,
  "company_id" BLOB,
  "emails" TEXT,
  "phones" TEXT,
  "lifecycle" TEXT,
  "roles" TEXT,
  "gender" TEXT,
  "birth_date" INTEGER,
  "national_id" TEXT,
  "language" TEXT,
  "calendar" TEXT,
  "time_zone" TEXT,
  "preferred_channel" TEXT,
  "preferred_hours" TEXT,
  "preferred_hours__fold" TEXT,
  "formality" TEXT,
  "source" TEXT,
  "source_detail" TEXT,
  "source_detail__fold" TEXT,
  "referred_by_id" BLOB,
  "territory_id" BLOB,
  "country" TEXT,
  "province" TEXT,
  "province__fold" TEXT,
  "city" TEXT,
  "city__fold" TEXT,
  "city__key" BLOB,
  "address" TEXT,
  "postal_code" TEXT,
  "description" TEXT,
  "completeness" INTEGER,
  "reachability" INTEGER,
  "first_touch_at" INTEGER,
  "last_touch_at" INTEGER,
  "next_touch_at" INTEGER,
  "value_score" INTEGER,
  "risk_score" INTEGER,
  "next_purchase_on" INTEGER,
  "best_offer" TEXT,
  "best_offer__fold" TEXT,
  "mood" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_contact__updated_at" ON "contact" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_contact__name__key" ON "contact" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE INDEX "ix_contact__job_title__key" ON "contact" ("workspace_id", "job_title__key", "id") WHERE "deleted_at" IS NULL AND "job_title__key" IS NOT NULL;
CREATE INDEX "ix_contact__city__key" ON "contact" ("workspace_id", "city__key", "id") WHERE "deleted_at" IS NULL AND "city__key" IS NOT NULL;
CREATE INDEX "ix_contact__last_touch_at" ON "contact" ("workspace_id", "last_touch_at", "id") WHERE "deleted_at" IS NULL AND "last_touch_at" IS NOT NULL;
CREATE INDEX "ix_contact__company_id" ON "contact" ("workspace_id", "company_id", "id", "deleted_at");
CREATE INDEX "ix_contact__owner_id" ON "contact" ("workspace_id", "owner_id", "id", "deleted_at") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_contact__team_id" ON "contact" ("workspace_id", "team_id", "id", "deleted_at") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_contact__city__fold" ON "contact" ("workspace_id", "city__fold", "id", "owner_id", "team_id", "deleted_at") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_contact__lifecycle" ON "contact" ("workspace_id", "lifecycle", "id", "owner_id", "team_id", "deleted_at") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_contact__name__fold__company_id" ON "contact" ("workspace_id", "name__fold", "company_id", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_contact__referred_by_id" ON "contact" ("workspace_id", "referred_by_id", "id") WHERE "referred_by_id" IS NOT NULL;
CREATE INDEX "ix_contact__territory_id" ON "contact" ("workspace_id", "territory_id", "id") WHERE "territory_id" IS NOT NULL;
CREATE TABLE "contact_point" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "contact_id" BLOB,
  "company_id" BLOB,
  "channel" TEXT,
  "value" TEXT,
  "normalised" TEXT,
  "label" TEXT,
  "label__fold" TEXT,
  "primary" INTEGER,
  "verified" INTEGER,
  "deliverability" TEXT,
  "hours" TEXT,
  "hours__fold" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_contact_point__normalised" ON "contact_point" ("workspace_id", "normalised", "id");
CREATE INDEX "ix_contact_point__contact_id" ON "contact_point" ("workspace_id", "contact_id", "id") WHERE "contact_id" IS NOT NULL;
CREATE INDEX "ix_contact_point__company_id" ON "contact_point" ("workspace_id", "company_id", "id") WHERE "company_id" IS NOT NULL;
CREATE TABLE "currency_rate" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "currency" TEXT,
  "base" TEXT,
  "rate" INTEGER,
  "valid_on" INTEGER,
  "source" TEXT,
  "source__fold" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_currency_rate__valid_on" ON "currency_rate" ("workspace_id", "valid_on", "id") WHERE "valid_on" IS NOT NULL;
CREATE UNIQUE INDEX "ux_currency_rate__currency__base__valid_on" ON "currency_rate" ("workspace_id", "currency", "base", "valid_on");
CREATE INDEX "ix_currency_rate__currency__base__valid_on" ON "currency_rate" ("workspace_id", "currency", "base", "valid_on", "id");
CREATE TABLE "deal" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "owner_id" BLOB,
  "team_id" BLOB,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "company_id" BLOB,
  "contact_id" BLOB,
  "amount" INTEGER,
  "amount__currency" TEXT,
  "amount__base" INTEGER,
  "amount__rate" TEXT,
  "amount__rated_on" INTEGER,
  "pipeline_id" BLOB,
  "stage_id" BLOB,
  "status" TEXT,
  "probability" INTEGER,
  "weighted_amount" INTEGER,
  "weighted_amount__currency" TEXT,
  "weighted_amount__base" INTEGER,
  "weighted_amount__rate" TEXT,
  "weighted_amount__rated_on" INTEGER,
  "forecast_category" TEXT,
  "expected_close" INTEGER,
  "product_id" BLOB,
  "source" TEXT,
  "campaign_id" BLOB,
  "next_step" TEXT,
  "next_step__fold" TEXT,
  "opened_on" INTEGER,
  "closed_on" INTEGER,
  "lost_reason_id" BLOB,
  "competitor_id" BLOB,
  "rank" TEXT,
  "stage_entered_at" INTEGER,
  "description" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_deal__updated_at" ON "deal" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_deal__name__key" ON "deal" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE INDEX "ix_deal__amount__base" ON "deal" ("workspace_id", "amount__base", "id") WHERE "deleted_at" IS NULL AND "amount__base" IS NOT NULL;
CREATE INDEX "ix_deal__status" ON "deal" ("workspace_id", "status", "id") WHERE "deleted_at" IS NULL AND "status" IS NOT NULL;
CREATE INDEX "ix_deal__weighted_amount__base" ON "deal" ("workspace_id", "weighted_amount__base", "id") WHERE "deleted_at" IS NULL AND "weighted_amount__base" IS NOT NULL;
CREATE INDEX "ix_deal__expected_close" ON "deal" ("workspace_id", "expected_close", "id") WHERE "deleted_at" IS NULL AND "expected_close" IS NOT NULL;
CREATE INDEX "ix_deal__opened_on" ON "deal" ("workspace_id", "opened_on", "id") WHERE "deleted_at" IS NULL AND "opened_on" IS NOT NULL;
CREATE INDEX "ix_deal__closed_on" ON "deal" ("workspace_id", "closed_on", "id") WHERE "deleted_at" IS NULL AND "closed_on" IS NOT NULL;
CREATE INDEX "ix_deal__rank" ON "deal" ("workspace_id", "rank", "id") WHERE "deleted_at" IS NULL AND "rank" IS NOT NULL;
CREATE INDEX "ix_deal__stage_id__rank" ON "deal" ("workspace_id", "stage_id", "rank", "id", "deleted_at");
CREATE INDEX "ix_deal__owner_id__status" ON "deal" ("workspace_id", "owner_id", "status", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_deal__company_id" ON "deal" ("workspace_id", "company_id", "id", "deleted_at");
CREATE INDEX "ix_deal__contact_id" ON "deal" ("workspace_id", "contact_id", "id", "deleted_at");
CREATE INDEX "ix_deal__status__expected_close" ON "deal" ("workspace_id", "status", "expected_close", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_deal__pipeline_id" ON "deal" ("workspace_id", "pipeline_id", "id") WHERE "pipeline_id" IS NOT NULL;
CREATE INDEX "ix_deal__product_id" ON "deal" ("workspace_id", "product_id", "id") WHERE "product_id" IS NOT NULL;
CREATE INDEX "ix_deal__campaign_id" ON "deal" ("workspace_id", "campaign_id", "id") WHERE "campaign_id" IS NOT NULL;
CREATE INDEX "ix_deal__lost_reason_id" ON "deal" ("workspace_id", "lost_reason_id", "id") WHERE "lost_reason_id" IS NOT NULL;
CREATE INDEX "ix_deal__competitor_id" ON "deal" ("workspace_id", "competitor_id", "id") WHERE "competitor_id" IS NOT NULL;
CREATE TABLE "deal_contact" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "deal_id" BLOB,
  "contact_id" BLOB,
  "role" TEXT,
  "primary" INTEGER,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE UNIQUE INDEX "ux_deal_contact__deal_id__contact_id" ON "deal_contact" ("workspace_id", "deal_id", "contact_id");
CREATE INDEX "ix_deal_contact__deal_id" ON "deal_contact" ("workspace_id", "deal_id", "id");
CREATE INDEX "ix_deal_contact__contact_id" ON "deal_contact" ("workspace_id", "contact_id", "id");
CREATE TABLE "deal_line" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "deal_id" BLOB,
  "product_id" BLOB,
  "position" INTEGER,
  "description" TEXT,
  "description__fold" TEXT,
  "quantity" INTEGER,
  "unit_price" INTEGER,
  "currency" TEXT,
  "discount" INTEGER,
  "discount__currency" TEXT,
  "discount__base" INTEGER,
  "discount__rate" TEXT,
  "discount__rated_on" INTEGER,
  "total" INTEGER,
  "total__currency" TEXT,
  "total__base" INTEGER,
  "total__rate" TEXT,
  "total__rated_on" INTEGER,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_deal_line__position" ON "deal_line" ("workspace_id", "position", "id") WHERE "position" IS NOT NULL;
CREATE INDEX "ix_deal_line__total__base" ON "deal_line" ("workspace_id", "total__base", "id") WHERE "total__base" IS NOT NULL;
CREATE INDEX "ix_deal_line__deal_id__position" ON "deal_line" ("workspace_id", "deal_id", "position", "id");
CREATE INDEX "ix_deal_line__product_id" ON "deal_line" ("workspace_id", "product_id", "id");
CREATE TABLE "employment" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "contact_id" BLOB,
  "company_id" BLOB,
  "role" TEXT,
  "role__fold" TEXT,
  "department" TEXT,
  "department__fold" TEXT,
  "from" INTEGER,
  "to" INTEGER,
  "primary" INTEGER,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_employment__contact_id" ON "employment" ("workspace_id", "contact_id", "id");
CREATE INDEX "ix_employment__company_id" ON "employment" ("workspace_id", "company_id", "id");
CREATE TABLE "file" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "media_type" TEXT,
  "size" INTEGER,
  "content_hash" TEXT,
  "target_id" BLOB,
  "image_width" INTEGER,
  "image_height" INTEGER,
  "scan" TEXT,
  "description" TEXT,
  "description__fold" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_file__name__key" ON "file" ("workspace_id", "name__key", "id") WHERE "name__key" IS NOT NULL;
CREATE INDEX "ix_file__size" ON "file" ("workspace_id", "size", "id") WHERE "size" IS NOT NULL;
CREATE INDEX "ix_file__content_hash" ON "file" ("workspace_id", "content_hash", "id");
CREATE INDEX "ix_file__target_id" ON "file" ("workspace_id", "target_id", "id");
CREATE TABLE "holiday" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "name" TEXT,
  "name__fold" TEXT,
  "day" INTEGER,
  "repeats" TEXT,
  "country" TEXT,
  "official" INTEGER,
  "half_day" INTEGER,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_holiday__day" ON "holiday" ("workspace_id", "day", "id") WHERE "day" IS NOT NULL;
CREATE TABLE "interaction" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "owner_id" BLOB,
  "team_id" BLOB,
  "subject" TEXT,
  "subject__fold" TEXT,
  "kind" TEXT,
  "channel" TEXT,
  "direction" TEXT,
  "occurred_at" INTEGER,
  "duration_seconds" INTEGER,
  "body" TEXT,
  "outcome" TEXT,
  "outcome__fold" TEXT,
  "contact_id" BLOB,
  "company_id" BLOB,
  "deal_id" BLOB,
  "order_id" BLOB,
  "user_id" BLOB,
  "campaign_id" BLOB,
  "contact_point_id" BLOB,
  "participant_ids" TEXT,
  "cost" INTEGER,
  "cost__currency" TEXT,
  "cost__base" INTEGER,
  "cost__rate" TEXT,
  "cost__rated_on" INTEGER,
  "cost_seconds" INTEGER,
  "formality" TEXT,
  "external_id" TEXT,
  "thread" TEXT,
  "sentiment" TEXT,
  "language" TEXT,
  "topics" TEXT,
  "topics__fold" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_interaction__updated_at" ON "interaction" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_interaction__occurred_at" ON "interaction" ("workspace_id", "occurred_at", "id") WHERE "deleted_at" IS NULL AND "occurred_at" IS NOT NULL;
CREATE INDEX "ix_interaction__contact_id__occurred_at" ON "interaction" ("workspace_id", "contact_id", "occurred_at", "id", "deleted_at");
CREATE INDEX "ix_interaction__company_id__occurred_at" ON "interaction" ("workspace_id", "company_id", "occurred_at", "id", "deleted_at");
CREATE INDEX "ix_interaction__deal_id__occurred_at" ON "interaction" ("workspace_id", "deal_id", "occurred_at", "id", "deleted_at");
CREATE INDEX "ix_interaction__owner_id__occurred_at" ON "interaction" ("workspace_id", "owner_id", "occurred_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_interaction__campaign_id" ON "interaction" ("workspace_id", "campaign_id", "id", "deleted_at");
CREATE INDEX "ix_interaction__external_id" ON "interaction" ("workspace_id", "external_id", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_interaction__order_id" ON "interaction" ("workspace_id", "order_id", "id") WHERE "order_id" IS NOT NULL;
CREATE INDEX "ix_interaction__contact_point_id" ON "interaction" ("workspace_id", "contact_point_id", "id") WHERE "contact_point_id" IS NOT NULL;
CREATE TABLE "list" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "owner_id" BLOB,
  "team_id" BLOB,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "object_key" TEXT,
  "purpose" TEXT,
  "purpose__fold" TEXT,
  "active" INTEGER,
  "description" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_list__updated_at" ON "list" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_list__name__key" ON "list" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE TABLE "list_member" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "list_id" BLOB,
  "target_id" BLOB,
  "added_at" INTEGER,
  "source" TEXT,
  "source__fold" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_list_member__added_at" ON "list_member" ("workspace_id", "added_at", "id") WHERE "added_at" IS NOT NULL;
CREATE UNIQUE INDEX "ux_list_member__list_id__target_id" ON "list_member" ("workspace_id", "list_id", "target_id");
CREATE INDEX "ix_list_member__list_id__target_id" ON "list_member" ("workspace_id", "list_id", "target_id", "id");
CREATE INDEX "ix_list_member__target_id" ON "list_member" ("workspace_id", "target_id", "id");
CREATE TABLE "lost_reason" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "key" TEXT,
  "kind" TEXT,
  "position" INTEGER,
  "active" INTEGER,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_lost_reason__updated_at" ON "lost_reason" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_lost_reason__name__key" ON "lost_reason" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE UNIQUE INDEX "ux_lost_reason__key" ON "lost_reason" ("workspace_id", "key") WHERE "deleted_at" IS NULL AND "key" IS NOT NULL;
CREATE INDEX "ix_lost_reason__position" ON "lost_reason" ("workspace_id", "position", "id") WHERE "deleted_at" IS NULL AND "position" IS NOT NULL;
CREATE TABLE "message" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "subject" TEXT,
  "subject__fold" TEXT,
  "body" TEXT,
  "channel" TEXT,
  "purpose" TEXT,
  "status" TEXT,
  "reason" TEXT,
  "contact_id" BLOB,
  "user_id" BLOB,
  "address" TEXT,
  "address__fold" TEXT,
  "formality" TEXT,
  "queued_at" INTEGER,
  "not_before" INTEGER,
  "sending_at" INTEGER,
  "finished_at" INTEGER,
  "consent_id" BLOB,
  "address_hash" TEXT,
  "notice" TEXT,
  "epoch" INTEGER,
  "claim" TEXT,
  "provider_reference" TEXT,
  "dedupe_key" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_message__queued_at" ON "message" ("workspace_id", "queued_at", "id") WHERE "queued_at" IS NOT NULL;
CREATE UNIQUE INDEX "ux_message__dedupe_key" ON "message" ("workspace_id", "dedupe_key") WHERE "dedupe_key" IS NOT NULL;
CREATE INDEX "ix_message__contact_id__sending_at" ON "message" ("workspace_id", "contact_id", "sending_at", "id") WHERE "contact_id" IS NOT NULL;
CREATE INDEX "ix_message__user_id" ON "message" ("workspace_id", "user_id", "id") WHERE "user_id" IS NOT NULL;
CREATE INDEX "ix_message__status__not_before" ON "message" ("workspace_id", "status", "not_before", "id");
CREATE TABLE "need" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "owner_id" BLOB,
  "team_id" BLOB,
  "statement" TEXT,
  "statement__fold" TEXT,
  "kind" TEXT,
  "strength" INTEGER,
  "confidence" INTEGER,
  "status" TEXT,
  "source" TEXT,
  "source_detail" TEXT,
  "source_detail__fold" TEXT,
  "contact_id" BLOB,
  "company_id" BLOB,
  "category_id" BLOB,
  "product_id" BLOB,
  "interaction_id" BLOB,
  "met_on" INTEGER,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_need__updated_at" ON "need" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_need__contact_id" ON "need" ("workspace_id", "contact_id", "id", "deleted_at");
CREATE INDEX "ix_need__company_id" ON "need" ("workspace_id", "company_id", "id", "deleted_at");
CREATE INDEX "ix_need__category_id" ON "need" ("workspace_id", "category_id", "id", "deleted_at");
CREATE INDEX "ix_need__product_id" ON "need" ("workspace_id", "product_id", "id") WHERE "product_id" IS NOT NULL;
CREATE INDEX "ix_need__interaction_id" ON "need" ("workspace_id", "interaction_id", "id") WHERE "interaction_id" IS NOT NULL;
CREATE TABLE "note" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "owner_id" BLOB,
  "team_id" BLOB,
  "body" TEXT,
  "pinned" INTEGER,
  "internal" INTEGER,
  "target_id" BLOB,
  "contact_id" BLOB,
  "company_id" BLOB,
  "deal_id" BLOB,
  "reply_to_id" BLOB,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_note__updated_at" ON "note" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_note__target_id" ON "note" ("workspace_id", "target_id", "id", "deleted_at");
CREATE INDEX "ix_note__contact_id" ON "note" ("workspace_id", "contact_id", "id", "deleted_at");
CREATE INDEX "ix_note__company_id" ON "note" ("workspace_id", "company_id", "id", "deleted_at");
CREATE INDEX "ix_note__deal_id" ON "note" ("workspace_id", "deal_id", "id", "deleted_at");
CREATE INDEX "ix_note__reply_to_id" ON "note" ("workspace_id", "reply_to_id", "id") WHERE "reply_to_id" IS NOT NULL;
CREATE TABLE "notification" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "user_id" BLOB,
  "kind" TEXT,
  "target_id" BLOB,
  "actor_id" BLOB,
  "data" TEXT,
  "read_at" INTEGER,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_notification__user_id__read_at" ON "notification" ("workspace_id", "user_id", "read_at", "id");
CREATE INDEX "ix_notification__target_id" ON "notification" ("workspace_id", "target_id", "id") WHERE "target_id" IS NOT NULL;
CREATE TABLE "order" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "owner_id" BLOB,
  "team_id" BLOB,
  "number" TEXT,
  "kind" TEXT,
  "ordered_at" INTEGER,
  "contact_id" BLOB,
  "company_id" BLOB,
  "deal_id" BLOB,
  "original_id" BLOB,
  "campaign_id" BLOB,
  "price_list_id" BLOB,
  "channel" TEXT,
  "status" TEXT,
  "promised_on" INTEGER,
  "delivered_on" INTEGER,
  "subtotal" INTEGER,
  "subtotal__currency" TEXT,
  "subtotal__base" INTEGER,
  "subtotal__rate" TEXT,
  "subtotal__rated_on" INTEGER,
  "discount" INTEGER,
  "discount__currency" TEXT,
  "discount__base" INTEGER,
  "discount__rate" TEXT,
  "discount__rated_on" INTEGER,
  "tax" INTEGER,
  "tax__currency" TEXT,
  "tax__base" INTEGER,
  "tax__rate" TEXT,
  "tax__rated_on" INTEGER,
  "total" INTEGER,
  "total__currency" TEXT,
  "total__base" INTEGER,
  "total__rate" TEXT,
  "total__rated_on" INTEGER,
  "country" TEXT,
  "city" TEXT,
  "city__fold" TEXT,
  "address" TEXT,
  "description" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_order__updated_at" ON "order" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_order__number" ON "order" ("workspace_id", "number", "id") WHERE "deleted_at" IS NULL AND "number" IS NOT NULL;
CREATE INDEX "ix_order__ordered_at" ON "order" ("workspace_id", "ordered_at", "id") WHERE "deleted_at" IS NULL AND "ordered_at" IS NOT NULL;
CREATE INDEX "ix_order__status" ON "order" ("workspace_id", "status", "id") WHERE "deleted_at" IS NULL AND "status" IS NOT NULL;
CREATE INDEX "ix_order__promised_on" ON "order" ("workspace_id", "promised_on", "id") WHERE "deleted_at" IS NULL AND "promised_on" IS NOT NULL;
CREATE INDEX "ix_order__total__base" ON "order" ("workspace_id", "total__base", "id") WHERE "deleted_at" IS NULL AND "total__base" IS NOT NULL;
CREATE INDEX "ix_order__contact_id__ordered_at" ON "order" ("workspace_id", "contact_id", "ordered_at", "id", "deleted_at");
CREATE INDEX "ix_order__company_id__ordered_at" ON "order" ("workspace_id", "company_id", "ordered_at", "id", "deleted_at");
CREATE INDEX "ix_order__deal_id" ON "order" ("workspace_id", "deal_id", "id", "deleted_at");
CREATE INDEX "ix_order__owner_id__ordered_at" ON "order" ("workspace_id", "owner_id", "ordered_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_order__status__ordered_at" ON "order" ("workspace_id", "status", "ordered_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_order__original_id" ON "order" ("workspace_id", "original_id", "id") WHERE "original_id" IS NOT NULL;
CREATE INDEX "ix_order__campaign_id" ON "order" ("workspace_id", "campaign_id", "id") WHERE "campaign_id" IS NOT NULL;
CREATE INDEX "ix_order__price_list_id" ON "order" ("workspace_id", "price_list_id", "id") WHERE "price_list_id" IS NOT NULL;
CREATE TABLE "order_line" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "order_id" BLOB,
  "product_id" BLOB,
  "position" INTEGER,
  "description" TEXT,
  "description__fold" TEXT,
  "quantity" INTEGER,
  "unit" TEXT,
  "unit_price" INTEGER,
  "currency" TEXT,
  "discount" INTEGER,
  "discount__currency" TEXT,
  "discount__base" INTEGER,
  "discount__rate" TEXT,
  "discount__rated_on" INTEGER,
  "tax" INTEGER,
  "tax__currency" TEXT,
  "tax__base" INTEGER,
  "tax__rate" TEXT,
  "tax__rated_on" INTEGER,
  "total" INTEGER,
  "total__currency" TEXT,
  "total__base" INTEGER,
  "total__rate" TEXT,
  "total__rated_on" INTEGER,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_order_line__position" ON "order_line" ("workspace_id", "position", "id") WHERE "position" IS NOT NULL;
CREATE INDEX "ix_order_line__total__base" ON "order_line" ("workspace_id", "total__base", "id") WHERE "total__base" IS NOT NULL;
CREATE INDEX "ix_order_line__order_id__position" ON "order_line" ("workspace_id", "order_id", "position", "id");
CREATE INDEX "ix_order_line__product_id" ON "order_line" ("workspace_id", "product_id", "id");
CREATE TABLE "perception" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "owner_id" BLOB,
  "team_id" BLOB,
  "words" TEXT,
  "words__fold" TEXT,
  "aspect" TEXT,
  "score" INTEGER,
  "brand" TEXT,
  "brand__fold" TEXT,
  "observed_on" INTEGER,
  "contact_id" BLOB,
  "company_id" BLOB,
  "product_id" BLOB,
  "competitor_id" BLOB,
  "interaction_id" BLOB,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_perception__updated_at" ON "perception" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_perception__observed_on" ON "perception" ("workspace_id", "observed_on", "id") WHERE "deleted_at" IS NULL AND "observed_on" IS NOT NULL;
CREATE INDEX "ix_perception__contact_id" ON "perception" ("workspace_id", "contact_id", "id", "deleted_at");
CREATE INDEX "ix_perception__product_id" ON "perception" ("workspace_id", "product_id", "id", "deleted_at");
CREATE INDEX "ix_perception__company_id" ON "perception" ("workspace_id", "company_id", "id") WHERE "company_id" IS NOT NULL;
CREATE INDEX "ix_perception__competitor_id" ON "perception" ("workspace_id", "competitor_id", "id") WHERE "competitor_id" IS NOT NULL;
CREATE INDEX "ix_perception__interaction_id" ON "perception" ("workspace_id", "interaction_id", "id") WHERE "interaction_id" IS NOT NULL;
CREATE TABLE "pipeline" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "key" TEXT,
  "kind" TEXT,
  "position" INTEGER,
  "active" INTEGER,
  "description" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_pipeline__updated_at" ON "pipeline" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_pipeline__name__key" ON "pipeline" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE UNIQUE INDEX "ux_pipeline__key" ON "pipeline" ("workspace_id", "key") WHERE "deleted_at" IS NULL AND "key" IS NOT NULL;
CREATE INDEX "ix_pipeline__position" ON "pipeline" ("workspace_id", "position", "id") WHERE "deleted_at" IS NULL AND "position" IS NOT NULL;
CREATE TABLE "price_list" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "code" TEXT,
  "currency" TEXT,
  "price_class" TEXT,
  "valid_from" INTEGER,
  "valid_to" INTEGER,
  "includes_tax" INTEGER,
  "active" INTEGER,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_price_list__updated_at" ON "price_list" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_price_list__name__key" ON "price_list" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE UNIQUE INDEX "ux_price_list__code" ON "price_list" ("workspace_id", "code") WHERE "deleted_at" IS NULL AND "code" IS NOT NULL;
CREATE INDEX "ix_price_list__valid_from" ON "price_list" ("workspace_id", "valid_from", "id") WHERE "deleted_at" IS NULL AND "valid_from" IS NOT NULL;
CREATE TABLE "price_list_item" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "price_list_id" BLOB,
  "product_id" BLOB,
  "unit_price" INTEGER,
  "min_quantity" INTEGER,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE UNIQUE INDEX "ux_price_list_item__price_list_id__product_id__min_quantity" ON "price_list_item" ("workspace_id", "price_list_id", "product_id", "min_quantity");
CREATE INDEX "ix_price_list_item__price_list_id__product_id" ON "price_list_item" ("workspace_id", "price_list_id", "product_id", "id");
CREATE INDEX "ix_price_list_item__product_id" ON "price_list_item" ("workspace_id", "product_id", "id");
CREATE TABLE "product" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "code" TEXT,
  "kind" TEXT,
  "category_id" BLOB,
  "unit" TEXT,
  "unit_price" INTEGER,
  "price" INTEGER,
  "price__currency" TEXT,
  "price__base" INTEGER,
  "price__rate" TEXT,
  "price__rated_on" INTEGER,
  "cost" INTEGER,
  "cost__currency" TEXT,
  "cost__base" INTEGER,
  "cost__rate" TEXT,
  "cost__rated_on" INTEGER,
  "tax_class" TEXT,
  "sstid" TEXT,
  "brand" TEXT,
  "brand__fold" TEXT,
  "series" TEXT,
  "series__fold" TEXT,
  "variant_of_id" BLOB,
  "standards" TEXT,
  "standards__fold" TEXT,
  "active" INTEGER,
  "description" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_product__updated_at" ON "product" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_product__name__key" ON "product" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE INDEX "ix_product__code" ON "product" ("workspace_id", "code", "id") WHERE "deleted_at" IS NULL AND "code" IS NOT NULL;
CREATE UNIQUE INDEX "ux_product__code" ON "product" ("workspace_id", "code") WHERE "deleted_at" IS NULL AND "code" IS NOT NULL;
CREATE INDEX "ix_product__price__base" ON "product" ("workspace_id", "price__base", "id") WHERE "deleted_at" IS NULL AND "price__base" IS NOT NULL;
CREATE INDEX "ix_product__category_id" ON "product" ("workspace_id", "category_id", "id", "deleted_at");
CREATE INDEX "ix_product__variant_of_id" ON "product" ("workspace_id", "variant_of_id", "id") WHERE "variant_of_id" IS NOT NULL;
CREATE TABLE "relationship" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "kind" TEXT,
  "direction" TEXT,
  "from_contact_id" BLOB,
  "from_company_id" BLOB,
  "to_contact_id" BLOB,
  "to_company_id" BLOB,
  "since" INTEGER,
  "description" TEXT,
  "description__fold" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_relationship__from_contact_id" ON "relationship" ("workspace_id", "from_contact_id", "id") WHERE "from_contact_id" IS NOT NULL;
CREATE INDEX "ix_relationship__to_contact_id" ON "relationship" ("workspace_id", "to_contact_id", "id");
CREATE INDEX "ix_relationship__from_company_id" ON "relationship" ("workspace_id", "from_company_id", "id") WHERE "from_company_id" IS NOT NULL;
CREATE INDEX "ix_relationship__to_company_id" ON "relationship" ("workspace_id", "to_company_id", "id");
CREATE TABLE "role" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "key" TEXT,
  "rules" TEXT,
  "built_in" INTEGER,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_role__updated_at" ON "role" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_role__name__key" ON "role" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE UNIQUE INDEX "ux_role__key" ON "role" ("workspace_id", "key") WHERE "deleted_at" IS NULL AND "key" IS NOT NULL;
CREATE TABLE "saved_view" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "owner_id" BLOB,
  "team_id" BLOB,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "object_key" TEXT,
  "filter_text" TEXT,
  "sort_by" TEXT,
  "sort_by__fold" TEXT,
  "columns" TEXT,
  "layout" TEXT,
  "group_by" TEXT,
  "group_by__fold" TEXT,
  "time_zone" TEXT,
  "calendar" TEXT,
  "visibility" TEXT,
  "position" INTEGER,
  "pinned" INTEGER,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_saved_view__name__key" ON "saved_view" ("workspace_id", "name__key", "id") WHERE "name__key" IS NOT NULL;
CREATE INDEX "ix_saved_view__owner_id__object_key" ON "saved_view" ("workspace_id", "owner_id", "object_key", "id");
CREATE INDEX "ix_saved_view__object_key" ON "saved_view" ("workspace_id", "object_key", "id");
CREATE TABLE "setting" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "key" TEXT,
  "value" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_setting__key" ON "setting" ("workspace_id", "key", "id") WHERE "key" IS NOT NULL;
CREATE UNIQUE INDEX "ux_setting__key" ON "setting" ("workspace_id", "key") WHERE "key" IS NOT NULL;
CREATE TABLE "stage" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "pipeline_id" BLOB,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "key" TEXT,
  "position" INTEGER,
  "kind" TEXT,
  "probability" INTEGER,
  "forecast_category" TEXT,
  "rotting_days" INTEGER,
  "next_step_required" INTEGER,
  "required_fields" TEXT,
  "color" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_stage__updated_at" ON "stage" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_stage__name__key" ON "stage" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE INDEX "ix_stage__position" ON "stage" ("workspace_id", "position", "id") WHERE "deleted_at" IS NULL AND "position" IS NOT NULL;
CREATE INDEX "ix_stage__pipeline_id__position" ON "stage" ("workspace_id", "pipeline_id", "position", "id", "deleted_at");
CREATE TABLE "tag" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "color" TEXT,
  "description" TEXT,
  "description__fold" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_tag__name__key" ON "tag" ("workspace_id", "name__key", "id") WHERE "name__key" IS NOT NULL;
CREATE UNIQUE INDEX "ux_tag__name__fold" ON "tag" ("workspace_id", "name__fold") WHERE "name__fold" IS NOT NULL;
CREATE TABLE "team" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "parent_id" BLOB,
  "description" TEXT,
  "description__fold" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_team__updated_at" ON "team" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_team__name__key" ON "team" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE INDEX "ix_team__parent_id" ON "team" ("workspace_id", "parent_id", "id") WHERE "parent_id" IS NOT NULL;
CREATE TABLE "territory" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "owner_id" BLOB,
  "team_id" BLOB,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "code" TEXT,
  "kind" TEXT,
  "parent_id" BLOB,
  "description" TEXT,
  "description__fold" TEXT,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_territory__updated_at" ON "territory" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_territory__name__key" ON "territory" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE UNIQUE INDEX "ux_territory__code" ON "territory" ("workspace_id", "code") WHERE "deleted_at" IS NULL AND "code" IS NOT NULL;
CREATE INDEX "ix_territory__parent_id" ON "territory" ("workspace_id", "parent_id", "id", "deleted_at");
CREATE TABLE "user" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "email" TEXT,
  "active" INTEGER,
  "role_id" BLOB,
  "team_id" BLOB,
  "job_title" TEXT,
  "job_title__fold" TEXT,
  "language" TEXT,
  "calendar" TEXT,
  "digits" TEXT,
  "theme" TEXT,
  "time_zone" TEXT,
  "rial_display" TEXT,
  "extension" TEXT,
  "signature" TEXT,
  "working_hours" TEXT,
  "last_seen_at" INTEGER,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_user__updated_at" ON "user" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_user__name__key" ON "user" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE INDEX "ix_user__email" ON "user" ("workspace_id", "email", "id") WHERE "deleted_at" IS NULL AND "email" IS NOT NULL;
CREATE UNIQUE INDEX "ux_user__email" ON "user" ("workspace_id", "email") WHERE "deleted_at" IS NULL AND "email" IS NOT NULL;
CREATE INDEX "ix_user__role_id" ON "user" ("workspace_id", "role_id", "id") WHERE "role_id" IS NOT NULL;
CREATE TABLE "working_hours" (
  "workspace_id" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "created_by" BLOB NOT NULL,
  "updated_by" BLOB NOT NULL,
  "deleted_at" INTEGER,
  "name" TEXT,
  "name__fold" TEXT,
  "name__key" BLOB,
  "time_zone" TEXT,
  "week" TEXT,
  "team_id" BLOB,
  "valid_from" INTEGER,
  "valid_to" INTEGER,
  "default" INTEGER,
  "custom" TEXT,
  PRIMARY KEY ("workspace_id", "id")
) STRICT;
CREATE INDEX "ix_working_hours__name__key" ON "working_hours" ("workspace_id", "name__key", "id") WHERE "name__key" IS NOT NULL;
CREATE INDEX "ix_working_hours__valid_from" ON "working_hours" ("workspace_id", "valid_from", "id") WHERE "valid_from" IS NOT NULL;
CREATE VIRTUAL TABLE "search_word" USING fts5(words, content='', contentless_delete=1, tokenize='ascii', prefix='1 2 4 6 8', detail=none);
CREATE VIRTUAL TABLE "search_exact" USING fts5(keys, content='', contentless_delete=1, tokenize='ascii', detail=none);
CREATE VIRTUAL TABLE "search_gram" USING fts5(plain, content='', contentless_delete=1, tokenize='trigram case_sensitive 1', detail=none);
