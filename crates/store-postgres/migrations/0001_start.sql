CREATE TABLE "meta" (
  "key" TEXT COLLATE "C" NOT NULL,
  "value" TEXT COLLATE "C" NOT NULL,
  CONSTRAINT "pk_meta" PRIMARY KEY ("key")
);
CREATE TABLE "workspace" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "slug" TEXT COLLATE "C" NOT NULL,
  "name" TEXT COLLATE "C" NOT NULL,
  "settings" TEXT COLLATE "C" NOT NULL,
  "created_at" BIGINT NOT NULL,
  CONSTRAINT "pk_workspace" PRIMARY KEY ("workspace_id")
);
CREATE UNIQUE INDEX "ux_workspace__slug" ON "workspace" ("slug");
CREATE TABLE "record" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "object" TEXT COLLATE "C" NOT NULL,
  "owner_id" UUID,
  "team_id" UUID,
  "deleted_at" BIGINT,
  "merged_into" UUID,
  "rid" BIGINT NOT NULL,
  "salt" BYTEA,
  CONSTRAINT "pk_record" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_record__deleted_at" ON "record" ("workspace_id", "deleted_at") WHERE "deleted_at" IS NOT NULL;
CREATE TABLE "record_link" (
  "workspace_id" BIGINT NOT NULL,
  "object" TEXT COLLATE "C" NOT NULL,
  "field" TEXT COLLATE "C" NOT NULL,
  "from_id" UUID NOT NULL,
  "to_id" UUID NOT NULL,
  "position" BIGINT NOT NULL,
  CONSTRAINT "pk_record_link" PRIMARY KEY ("workspace_id", "object", "field", "from_id", "to_id")
);
CREATE INDEX "ix_record_link__to_id__object__field" ON "record_link" ("workspace_id", "to_id", "object", "field");
CREATE TABLE "field_index" (
  "workspace_id" BIGINT NOT NULL,
  "field" BIGINT NOT NULL,
  "kind" BIGINT NOT NULL,
  "key" BYTEA NOT NULL,
  "record_id" UUID NOT NULL,
  CONSTRAINT "pk_field_index" PRIMARY KEY ("workspace_id", "field", "kind", "key", "record_id")
);
CREATE INDEX "ix_field_index__record_id__field" ON "field_index" ("workspace_id", "record_id", "field");
CREATE TABLE "record_tag" (
  "workspace_id" BIGINT NOT NULL,
  "tag_id" UUID NOT NULL,
  "record_id" UUID NOT NULL,
  "at" BIGINT NOT NULL,
  CONSTRAINT "pk_record_tag" PRIMARY KEY ("workspace_id", "tag_id", "record_id"),
  CONSTRAINT "fk_record_tag__record_id" FOREIGN KEY ("workspace_id", "record_id") REFERENCES "record" ("workspace_id", "id")
);
CREATE INDEX "ix_record_tag__record_id" ON "record_tag" ("workspace_id", "record_id");
CREATE TABLE "record_share" (
  "workspace_id" BIGINT NOT NULL,
  "record_id" UUID NOT NULL,
  "grantee_id" UUID NOT NULL,
  "may_update" BIGINT NOT NULL,
  "at" BIGINT NOT NULL,
  CONSTRAINT "pk_record_share" PRIMARY KEY ("workspace_id", "record_id", "grantee_id"),
  CONSTRAINT "fk_record_share__record_id" FOREIGN KEY ("workspace_id", "record_id") REFERENCES "record" ("workspace_id", "id")
);
CREATE INDEX "ix_record_share__grantee_id" ON "record_share" ("workspace_id", "grantee_id");
CREATE TABLE "follower" (
  "workspace_id" BIGINT NOT NULL,
  "record_id" UUID NOT NULL,
  "user_id" UUID NOT NULL,
  "at" BIGINT NOT NULL,
  CONSTRAINT "pk_follower" PRIMARY KEY ("workspace_id", "record_id", "user_id"),
  CONSTRAINT "fk_follower__record_id" FOREIGN KEY ("workspace_id", "record_id") REFERENCES "record" ("workspace_id", "id")
);
CREATE TABLE "timeline" (
  "workspace_id" BIGINT NOT NULL,
  "record_id" UUID NOT NULL,
  "at" BIGINT NOT NULL,
  "kind" TEXT COLLATE "C" NOT NULL,
  "reference_id" UUID NOT NULL,
  CONSTRAINT "pk_timeline" PRIMARY KEY ("workspace_id", "record_id", "at", "reference_id", "kind"),
  CONSTRAINT "fk_timeline__record_id" FOREIGN KEY ("workspace_id", "record_id") REFERENCES "record" ("workspace_id", "id")
);
CREATE INDEX "ix_timeline__reference_id" ON "timeline" ("workspace_id", "reference_id");
CREATE TABLE "external_key" (
  "workspace_id" BIGINT NOT NULL,
  "object" TEXT COLLATE "C" NOT NULL,
  "source" TEXT COLLATE "C" NOT NULL,
  "key" TEXT COLLATE "C" NOT NULL,
  "record_id" UUID NOT NULL,
  CONSTRAINT "pk_external_key" PRIMARY KEY ("workspace_id", "object", "source", "key"),
  CONSTRAINT "fk_external_key__record_id" FOREIGN KEY ("workspace_id", "record_id") REFERENCES "record" ("workspace_id", "id")
);
CREATE INDEX "ix_external_key__record_id" ON "external_key" ("workspace_id", "record_id");
CREATE TABLE "alias" (
  "workspace_id" BIGINT NOT NULL,
  "object" TEXT COLLATE "C" NOT NULL,
  "id" UUID NOT NULL,
  "to_id" UUID NOT NULL,
  CONSTRAINT "pk_alias" PRIMARY KEY ("workspace_id", "object", "id")
);
CREATE INDEX "ix_alias__to_id" ON "alias" ("workspace_id", "to_id");
CREATE TABLE "image" (
  "workspace_id" BIGINT NOT NULL,
  "operation_id" UUID NOT NULL,
  "record_id" UUID NOT NULL,
  "object" TEXT COLLATE "C" NOT NULL,
  "version_after" BIGINT NOT NULL,
  "before" TEXT COLLATE "C",
  CONSTRAINT "pk_image" PRIMARY KEY ("workspace_id", "operation_id", "record_id")
);
CREATE TABLE "relink_image" (
  "workspace_id" BIGINT NOT NULL,
  "operation_id" UUID NOT NULL,
  "place" TEXT COLLATE "C" NOT NULL,
  "record_id" UUID NOT NULL,
  "from_id" UUID NOT NULL,
  "to_id" UUID NOT NULL,
  "detail" TEXT COLLATE "C" NOT NULL,
  CONSTRAINT "pk_relink_image" PRIMARY KEY ("workspace_id", "operation_id", "place", "record_id", "detail")
);
CREATE TABLE "outbox" (
  "workspace_id" BIGINT NOT NULL,
  "bucket" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "kind" TEXT COLLATE "C" NOT NULL,
  "record_id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "at" BIGINT NOT NULL,
  CONSTRAINT "pk_outbox" PRIMARY KEY ("workspace_id", "bucket", "id")
);
CREATE TABLE "audit" (
  "workspace_id" BIGINT NOT NULL,
  "bucket" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "at" BIGINT NOT NULL,
  "actor" UUID NOT NULL,
  "via" TEXT COLLATE "C" NOT NULL,
  "request" UUID NOT NULL,
  "action" TEXT COLLATE "C" NOT NULL,
  "object" TEXT COLLATE "C" NOT NULL,
  "record_id" UUID NOT NULL,
  "detail" BYTEA NOT NULL,
  CONSTRAINT "pk_audit" PRIMARY KEY ("workspace_id", "bucket", "id")
);
CREATE INDEX "ix_audit__record_id__at" ON "audit" ("workspace_id", "record_id", "at");
CREATE TABLE "seal" (
  "workspace_id" BIGINT NOT NULL,
  "stream" TEXT COLLATE "C" NOT NULL,
  "position" BIGINT NOT NULL,
  "entry_id" UUID NOT NULL,
  "hash" BYTEA NOT NULL,
  CONSTRAINT "pk_seal" PRIMARY KEY ("workspace_id", "stream", "position")
);
CREATE INDEX "ix_seal__entry_id" ON "seal" ("workspace_id", "entry_id");
CREATE TABLE "idempotency" (
  "workspace_id" BIGINT NOT NULL,
  "actor" UUID NOT NULL,
  "route" TEXT COLLATE "C" NOT NULL,
  "key" TEXT COLLATE "C" NOT NULL,
  "hash" BYTEA NOT NULL,
  "status" BIGINT NOT NULL,
  "result" TEXT COLLATE "C" NOT NULL,
  "at" BIGINT NOT NULL,
  CONSTRAINT "pk_idempotency" PRIMARY KEY ("workspace_id", "actor", "route", "key")
);
CREATE INDEX "ix_idempotency__at" ON "idempotency" ("workspace_id", "at");
CREATE TABLE "job" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "kind" TEXT COLLATE "C" NOT NULL,
  "payload" TEXT COLLATE "C" NOT NULL,
  "state" TEXT COLLATE "C" NOT NULL,
  "run_at" BIGINT NOT NULL,
  "attempts" BIGINT NOT NULL,
  "lease_token" UUID,
  "lease_beat" BIGINT NOT NULL,
  "dedupe" TEXT COLLATE "C",
  "error" TEXT COLLATE "C",
  "progress" TEXT COLLATE "C",
  "created_at" BIGINT NOT NULL,
  "finished_at" BIGINT,
  CONSTRAINT "pk_job" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_job__state__run_at" ON "job" ("workspace_id", "state", "run_at");
CREATE UNIQUE INDEX "ux_job__kind__dedupe" ON "job" ("workspace_id", "kind", "dedupe") WHERE "dedupe" IS NOT NULL;
CREATE TABLE "counter" (
  "workspace_id" BIGINT NOT NULL,
  "name" TEXT COLLATE "C" NOT NULL,
  "window_start" BIGINT NOT NULL,
  "value" BIGINT NOT NULL,
  CONSTRAINT "pk_counter" PRIMARY KEY ("workspace_id", "name")
);
CREATE TABLE "definition" (
  "workspace_id" BIGINT NOT NULL,
  "name" TEXT COLLATE "C" NOT NULL,
  "revision" BIGINT NOT NULL,
  "body" TEXT COLLATE "C" NOT NULL,
  CONSTRAINT "pk_definition" PRIMARY KEY ("workspace_id", "name")
);
CREATE TABLE "custom_record" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "owner_id" UUID,
  "team_id" UUID,
  "object" TEXT COLLATE "C" NOT NULL,
  "custom" TEXT COLLATE "C" NOT NULL,
  CONSTRAINT "pk_custom_record" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_custom_record__object__id" ON "custom_record" ("workspace_id", "object", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_custom_record__object__updated_at__id" ON "custom_record" ("workspace_id", "object", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE TABLE "search_doc" (
  "workspace_id" BIGINT NOT NULL,
  "rid" BIGINT NOT NULL,
  "object" TEXT COLLATE "C" NOT NULL,
  "record_id" UUID NOT NULL,
  "plain" TEXT COLLATE "C" NOT NULL,
  "words" TEXT COLLATE "C",
  "tokens" TEXT[],
  CONSTRAINT "pk_search_doc" PRIMARY KEY ("workspace_id", "rid")
);
CREATE INDEX "ix_search_doc__tokens" ON "search_doc" USING gin ("tokens");
ALTER TABLE "search_doc" ALTER COLUMN "tokens" SET STATISTICS 1000;
CREATE TABLE "consent_head" (
  "workspace_id" BIGINT NOT NULL,
  "address_hash" BYTEA NOT NULL,
  "version" BIGINT NOT NULL,
  "entry_id" UUID NOT NULL,
  CONSTRAINT "pk_consent_head" PRIMARY KEY ("workspace_id", "address_hash")
);
CREATE TABLE "transfer" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "kind" TEXT COLLATE "C" NOT NULL,
  "object" TEXT COLLATE "C" NOT NULL,
  "state" TEXT COLLATE "C" NOT NULL,
  "actor" UUID NOT NULL,
  "settings" TEXT COLLATE "C" NOT NULL,
  "progress" TEXT COLLATE "C" NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "finished_at" BIGINT,
  CONSTRAINT "pk_transfer" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_transfer__created_at" ON "transfer" ("workspace_id", "created_at");
CREATE TABLE "transfer_row" (
  "workspace_id" BIGINT NOT NULL,
  "transfer_id" UUID NOT NULL,
  "row_number" BIGINT NOT NULL,
  "hash" BYTEA NOT NULL,
  "outcome" TEXT COLLATE "C" NOT NULL,
  "record_id" UUID,
  "detail" TEXT COLLATE "C",
  CONSTRAINT "pk_transfer_row" PRIMARY KEY ("workspace_id", "transfer_id", "row_number")
);
CREATE TABLE "account" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "email" TEXT COLLATE "C" NOT NULL,
  "password_hash" TEXT COLLATE "C",
  "totp" BYTEA,
  "totp_next" BYTEA,
  "totp_step" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "changed_at" BIGINT NOT NULL,
  CONSTRAINT "pk_account" PRIMARY KEY ("workspace_id", "id")
);
CREATE UNIQUE INDEX "ux_account__email" ON "account" ("workspace_id", "email");
CREATE TABLE "recovery_code" (
  "workspace_id" BIGINT NOT NULL,
  "account_id" UUID NOT NULL,
  "hash" BYTEA NOT NULL,
  CONSTRAINT "pk_recovery_code" PRIMARY KEY ("workspace_id", "account_id", "hash")
);
CREATE TABLE "membership" (
  "workspace_id" BIGINT NOT NULL,
  "account_id" UUID NOT NULL,
  "place" BIGINT NOT NULL,
  "user_id" UUID NOT NULL,
  CONSTRAINT "pk_membership" PRIMARY KEY ("workspace_id", "account_id", "place")
);
CREATE INDEX "ix_membership__place__user_id" ON "membership" ("workspace_id", "place", "user_id");
CREATE TABLE "session" (
  "workspace_id" BIGINT NOT NULL,
  "hash" BYTEA NOT NULL,
  "kind" TEXT COLLATE "C" NOT NULL,
  "account_id" UUID NOT NULL,
  "place" BIGINT NOT NULL,
  "user_id" UUID NOT NULL,
  "created_at" BIGINT NOT NULL,
  "seen_at" BIGINT NOT NULL,
  "expires_at" BIGINT NOT NULL,
  "proved_at" BIGINT NOT NULL,
  "device" TEXT COLLATE "C" NOT NULL,
  "network" TEXT COLLATE "C" NOT NULL,
  CONSTRAINT "pk_session" PRIMARY KEY ("workspace_id", "hash")
);
CREATE INDEX "ix_session__account_id" ON "session" ("workspace_id", "account_id");
CREATE INDEX "ix_session__place__user_id" ON "session" ("workspace_id", "place", "user_id");
CREATE INDEX "ix_session__expires_at" ON "session" ("workspace_id", "expires_at");
CREATE TABLE "token" (
  "workspace_id" BIGINT NOT NULL,
  "hash" BYTEA NOT NULL,
  "id" UUID NOT NULL,
  "user_id" UUID NOT NULL,
  "name" TEXT COLLATE "C" NOT NULL,
  "scopes" TEXT COLLATE "C" NOT NULL,
  "created_at" BIGINT NOT NULL,
  "expires_at" BIGINT,
  "revoked_at" BIGINT,
  "used_at" BIGINT,
  "networks" TEXT COLLATE "C",
  CONSTRAINT "pk_token" PRIMARY KEY ("workspace_id", "hash")
);
CREATE INDEX "ix_token__user_id" ON "token" ("workspace_id", "user_id");
CREATE TABLE "lease" (
  "workspace_id" BIGINT NOT NULL,
  "name" TEXT COLLATE "C" NOT NULL,
  "token" UUID NOT NULL,
  "beat" BIGINT NOT NULL,
  "taken_at" BIGINT NOT NULL,
  CONSTRAINT "pk_lease" PRIMARY KEY ("workspace_id", "name")
);
CREATE TABLE "activity" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "owner_id" UUID,
  "team_id" UUID,
  "subject" TEXT COLLATE "C",
  "subject__fold" TEXT COLLATE "C",
  "subject__key" BYTEA,
  "kind" TEXT COLLATE "C",
  "status" TEXT COLLATE "C",
  "priority" TEXT COLLATE "C",
  "due_at" BIGINT,
  "starts_at" BIGINT,
  "ends_at" BIGINT,
  "recurrence" TEXT COLLATE "C",
  "recurrence__fold" TEXT COLLATE "C",
  "place" TEXT COLLATE "C",
  "place__fold" TEXT COLLATE "C",
  "invitees" TEXT COLLATE "C",
  "target_id" UUID,
  "contact_id" UUID,
  "company_id" UUID,
  "deal_id" UUID,
  "outcome" TEXT COLLATE "C",
  "outcome__fold" TEXT COLLATE "C",
  "next_step" TEXT COLLATE "C",
  "next_step__fold" TEXT COLLATE "C",
  "completed_at" BIGINT,
  "interaction_id" UUID,
  "description" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_activity" PRIMARY KEY ("workspace_id", "id")
);
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
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "owner_id" UUID,
  "team_id" UUID,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "kind" TEXT COLLATE "C",
  "status" TEXT COLLATE "C",
  "starts_on" BIGINT,
  "ends_on" BIGINT,
  "budget" BIGINT,
  "budget__currency" TEXT COLLATE "C",
  "budget__base" BIGINT,
  "budget__rate" TEXT COLLATE "C",
  "budget__rated_on" BIGINT,
  "brand" TEXT COLLATE "C",
  "brand__fold" TEXT COLLATE "C",
  "customer_value" TEXT COLLATE "C",
  "goal" TEXT COLLATE "C",
  "list_id" UUID,
  "description" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_campaign" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_campaign__updated_at" ON "campaign" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_campaign__name__key" ON "campaign" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE INDEX "ix_campaign__starts_on" ON "campaign" ("workspace_id", "starts_on", "id") WHERE "deleted_at" IS NULL AND "starts_on" IS NOT NULL;
CREATE INDEX "ix_campaign__ends_on" ON "campaign" ("workspace_id", "ends_on", "id") WHERE "deleted_at" IS NULL AND "ends_on" IS NOT NULL;
CREATE INDEX "ix_campaign__budget__base" ON "campaign" ("workspace_id", "budget__base", "id") WHERE "deleted_at" IS NULL AND "budget__base" IS NOT NULL;
CREATE INDEX "ix_campaign__status__starts_on" ON "campaign" ("workspace_id", "status", "starts_on", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_campaign__list_id" ON "campaign" ("workspace_id", "list_id", "id") WHERE "list_id" IS NOT NULL;
CREATE TABLE "category" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "code" TEXT COLLATE "C",
  "parent_id" UUID,
  "position" BIGINT,
  "description" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_category" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_category__updated_at" ON "category" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_category__name__key" ON "category" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE UNIQUE INDEX "ux_category__code" ON "category" ("workspace_id", "code") WHERE "deleted_at" IS NULL AND "code" IS NOT NULL;
CREATE INDEX "ix_category__parent_id" ON "category" ("workspace_id", "parent_id", "id", "deleted_at");
CREATE TABLE "company" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "owner_id" UUID,
  "team_id" UUID,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "legal_name" TEXT COLLATE "C",
  "legal_name__fold" TEXT COLLATE "C",
  "kind" TEXT COLLATE "C",
  "industry" TEXT COLLATE "C",
  "size" BIGINT,
  "annual_revenue" BIGINT,
  "annual_revenue__currency" TEXT COLLATE "C",
  "annual_revenue__base" BIGINT,
  "annual_revenue__rate" TEXT COLLATE "C",
  "annual_revenue__rated_on" BIGINT,
  "emails" TEXT COLLATE "C",
  "phones" TEXT COLLATE "C",
  "website" TEXT COLLATE "C",
  "legal_id" TEXT COLLATE "C",
  "registration_number" TEXT COLLATE "C",
  "economic_code" TEXT COLLATE "C",
  "fiscal_year_start" TEXT COLLATE "C",
  "credit_limit" BIGINT,
  "credit_limit__currency" TEXT COLLATE "C",
  "credit_limit__base" BIGINT,
  "credit_limit__rate" TEXT COLLATE "C",
  "credit_limit__rated_on" BIGINT,
  "credit_terms_days" BIGINT,
  "price_class" TEXT COLLATE "C",
  "parent_id" UUID,
  "tier_above_id" UUID,
  "territory_id" UUID,
  "country" TEXT COLLATE "C",
  "province" TEXT COLLATE "C",
  "province__fold" TEXT COLLATE "C",
  "city" TEXT COLLATE "C",
  "city__fold" TEXT COLLATE "C",
  "city__key" BYTEA,
  "address" TEXT COLLATE "C",
  "postal_code" TEXT COLLATE "C",
  "source" TEXT COLLATE "C",
  "founded_year" BIGINT,
  "description" TEXT COLLATE "C",
  "last_touch_at" BIGINT,
  "next_touch_at" BIGINT,
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_company" PRIMARY KEY ("workspace_id", "id")
);
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
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "owner_id" UUID,
  "team_id" UUID,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "company_id" UUID,
  "website" TEXT COLLATE "C",
  "strengths" TEXT COLLATE "C",
  "weaknesses" TEXT COLLATE "C",
  "products" TEXT COLLATE "C",
  "threat" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_competitor" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_competitor__updated_at" ON "competitor" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_competitor__name__key" ON "competitor" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE INDEX "ix_competitor__company_id" ON "competitor" ("workspace_id", "company_id", "id", "deleted_at");
CREATE TABLE "consent_entry" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "address_hash" TEXT COLLATE "C",
  "channel" TEXT COLLATE "C",
  "purpose" TEXT COLLATE "C",
  "verdict" TEXT COLLATE "C",
  "at" BIGINT,
  "expires_at" BIGINT,
  "text_shown" TEXT COLLATE "C",
  "text_hash" TEXT COLLATE "C",
  "source" TEXT COLLATE "C",
  "proof" TEXT COLLATE "C",
  "proof__fold" TEXT COLLATE "C",
  "basis" TEXT COLLATE "C",
  "form_url" TEXT COLLATE "C",
  "form_url__fold" TEXT COLLATE "C",
  "opt_in_message" TEXT COLLATE "C",
  "opt_in_message__fold" TEXT COLLATE "C",
  "ip" TEXT COLLATE "C",
  "contact_point_id" UUID,
  "contact_id" UUID,
  "company_id" UUID,
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_consent_entry" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_consent_entry__at" ON "consent_entry" ("workspace_id", "at", "id") WHERE "at" IS NOT NULL;
CREATE INDEX "ix_consent_entry__address_hash__channel__purpose" ON "consent_entry" ("workspace_id", "address_hash", "channel", "purpose", "id");
CREATE INDEX "ix_consent_entry__contact_point_id" ON "consent_entry" ("workspace_id", "contact_point_id", "id");
CREATE INDEX "ix_consent_entry__contact_id" ON "consent_entry" ("workspace_id", "contact_id", "id");
CREATE TABLE "contact" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "owner_id" UUID,
  "team_id" UUID,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "job_title" TEXT COLLATE "C",
  "job_title__fold" TEXT COLLATE "C",
  "job_title__key" BYTEA,
  "department" TEXT COLLATE "C",
  "department__fold" TEXT COLLATE "C",
  "company_id" UUID,
  "emails" TEXT COLLATE "C",
  "phones" TEXT COLLATE "C",
  "lifecycle" TEXT COLLATE "C",
  "roles" TEXT COLLATE "C",
  "gender" TEXT COLLATE "C",
  "birth_date" BIGINT,
  "national_id" TEXT COLLATE "C",
  "language" TEXT COLLATE "C",
  "calendar" TEXT COLLATE "C",
  "time_zone" TEXT COLLATE "C",
  "preferred_channel" TEXT COLLATE "C",
  "preferred_hours" TEXT COLLATE "C",
  "preferred_hours__fold" TEXT COLLATE "C",
  "formality" TEXT COLLATE "C",
  "source" TEXT COLLATE "C",
  "source_detail" TEXT COLLATE "C",
  "source_detail__fold" TEXT COLLATE "C",
  "referred_by_id" UUID,
  "territory_id" UUID,
  "country" TEXT COLLATE "C",
  "province" TEXT COLLATE "C",
  "province__fold" TEXT COLLATE "C",
  "city" TEXT COLLATE "C",
  "city__fold" TEXT COLLATE "C",
  "city__key" BYTEA,
  "address" TEXT COLLATE "C",
  "postal_code" TEXT COLLATE "C",
  "description" TEXT COLLATE "C",
  "completeness" BIGINT,
  "reachability" BIGINT,
  "first_touch_at" BIGINT,
  "last_touch_at" BIGINT,
  "next_touch_at" BIGINT,
  "value_score" BIGINT,
  "risk_score" BIGINT,
  "next_purchase_on" BIGINT,
  "best_offer" TEXT COLLATE "C",
  "best_offer__fold" TEXT COLLATE "C",
  "mood" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_contact" PRIMARY KEY ("workspace_id", "id")
);
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
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "contact_id" UUID,
  "company_id" UUID,
  "channel" TEXT COLLATE "C",
  "value" TEXT COLLATE "C",
  "normalised" TEXT COLLATE "C",
  "label" TEXT COLLATE "C",
  "label__fold" TEXT COLLATE "C",
  "primary" BIGINT,
  "verified" BIGINT,
  "deliverability" TEXT COLLATE "C",
  "hours" TEXT COLLATE "C",
  "hours__fold" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_contact_point" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_contact_point__normalised" ON "contact_point" ("workspace_id", "normalised", "id");
CREATE INDEX "ix_contact_point__contact_id" ON "contact_point" ("workspace_id", "contact_id", "id") WHERE "contact_id" IS NOT NULL;
CREATE INDEX "ix_contact_point__company_id" ON "contact_point" ("workspace_id", "company_id", "id") WHERE "company_id" IS NOT NULL;
CREATE TABLE "currency_rate" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "currency" TEXT COLLATE "C",
  "base" TEXT COLLATE "C",
  "rate" BIGINT,
  "valid_on" BIGINT,
  "source" TEXT COLLATE "C",
  "source__fold" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_currency_rate" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_currency_rate__valid_on" ON "currency_rate" ("workspace_id", "valid_on", "id") WHERE "valid_on" IS NOT NULL;
CREATE UNIQUE INDEX "ux_currency_rate__currency__base__valid_on" ON "currency_rate" ("workspace_id", "currency", "base", "valid_on");
CREATE INDEX "ix_currency_rate__currency__base__valid_on" ON "currency_rate" ("workspace_id", "currency", "base", "valid_on", "id");
CREATE TABLE "deal" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "owner_id" UUID,
  "team_id" UUID,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "company_id" UUID,
  "contact_id" UUID,
  "amount" BIGINT,
  "amount__currency" TEXT COLLATE "C",
  "amount__base" BIGINT,
  "amount__rate" TEXT COLLATE "C",
  "amount__rated_on" BIGINT,
  "pipeline_id" UUID,
  "stage_id" UUID,
  "status" TEXT COLLATE "C",
  "probability" BIGINT,
  "weighted_amount" BIGINT,
  "weighted_amount__currency" TEXT COLLATE "C",
  "weighted_amount__base" BIGINT,
  "weighted_amount__rate" TEXT COLLATE "C",
  "weighted_amount__rated_on" BIGINT,
  "forecast_category" TEXT COLLATE "C",
  "expected_close" BIGINT,
  "product_id" UUID,
  "source" TEXT COLLATE "C",
  "campaign_id" UUID,
  "next_step" TEXT COLLATE "C",
  "next_step__fold" TEXT COLLATE "C",
  "opened_on" BIGINT,
  "closed_on" BIGINT,
  "lost_reason_id" UUID,
  "competitor_id" UUID,
  "rank" TEXT COLLATE "C",
  "stage_entered_at" BIGINT,
  "description" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_deal" PRIMARY KEY ("workspace_id", "id")
);
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
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "deal_id" UUID,
  "contact_id" UUID,
  "role" TEXT COLLATE "C",
  "primary" BIGINT,
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_deal_contact" PRIMARY KEY ("workspace_id", "id")
);
CREATE UNIQUE INDEX "ux_deal_contact__deal_id__contact_id" ON "deal_contact" ("workspace_id", "deal_id", "contact_id");
CREATE INDEX "ix_deal_contact__deal_id" ON "deal_contact" ("workspace_id", "deal_id", "id");
CREATE INDEX "ix_deal_contact__contact_id" ON "deal_contact" ("workspace_id", "contact_id", "id");
CREATE TABLE "deal_line" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "deal_id" UUID,
  "product_id" UUID,
  "position" BIGINT,
  "description" TEXT COLLATE "C",
  "description__fold" TEXT COLLATE "C",
  "quantity" BIGINT,
  "unit_price" BIGINT,
  "currency" TEXT COLLATE "C",
  "discount" BIGINT,
  "discount__currency" TEXT COLLATE "C",
  "discount__base" BIGINT,
  "discount__rate" TEXT COLLATE "C",
  "discount__rated_on" BIGINT,
  "total" BIGINT,
  "total__currency" TEXT COLLATE "C",
  "total__base" BIGINT,
  "total__rate" TEXT COLLATE "C",
  "total__rated_on" BIGINT,
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_deal_line" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_deal_line__position" ON "deal_line" ("workspace_id", "position", "id") WHERE "position" IS NOT NULL;
CREATE INDEX "ix_deal_line__total__base" ON "deal_line" ("workspace_id", "total__base", "id") WHERE "total__base" IS NOT NULL;
CREATE INDEX "ix_deal_line__deal_id__position" ON "deal_line" ("workspace_id", "deal_id", "position", "id");
CREATE INDEX "ix_deal_line__product_id" ON "deal_line" ("workspace_id", "product_id", "id");
CREATE TABLE "employment" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "contact_id" UUID,
  "company_id" UUID,
  "role" TEXT COLLATE "C",
  "role__fold" TEXT COLLATE "C",
  "department" TEXT COLLATE "C",
  "department__fold" TEXT COLLATE "C",
  "from" BIGINT,
  "to" BIGINT,
  "primary" BIGINT,
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_employment" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_employment__contact_id" ON "employment" ("workspace_id", "contact_id", "id");
CREATE INDEX "ix_employment__company_id" ON "employment" ("workspace_id", "company_id", "id");
CREATE TABLE "file" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "media_type" TEXT COLLATE "C",
  "size" BIGINT,
  "content_hash" TEXT COLLATE "C",
  "target_id" UUID,
  "image_width" BIGINT,
  "image_height" BIGINT,
  "scan" TEXT COLLATE "C",
  "description" TEXT COLLATE "C",
  "description__fold" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_file" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_file__name__key" ON "file" ("workspace_id", "name__key", "id") WHERE "name__key" IS NOT NULL;
CREATE INDEX "ix_file__size" ON "file" ("workspace_id", "size", "id") WHERE "size" IS NOT NULL;
CREATE INDEX "ix_file__content_hash" ON "file" ("workspace_id", "content_hash", "id");
CREATE INDEX "ix_file__target_id" ON "file" ("workspace_id", "target_id", "id");
CREATE TABLE "holiday" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "day" BIGINT,
  "repeats" TEXT COLLATE "C",
  "country" TEXT COLLATE "C",
  "official" BIGINT,
  "half_day" BIGINT,
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_holiday" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_holiday__day" ON "holiday" ("workspace_id", "day", "id") WHERE "day" IS NOT NULL;
CREATE TABLE "interaction" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "owner_id" UUID,
  "team_id" UUID,
  "subject" TEXT COLLATE "C",
  "subject__fold" TEXT COLLATE "C",
  "kind" TEXT COLLATE "C",
  "channel" TEXT COLLATE "C",
  "direction" TEXT COLLATE "C",
  "occurred_at" BIGINT,
  "duration_seconds" BIGINT,
  "body" TEXT COLLATE "C",
  "outcome" TEXT COLLATE "C",
  "outcome__fold" TEXT COLLATE "C",
  "contact_id" UUID,
  "company_id" UUID,
  "deal_id" UUID,
  "order_id" UUID,
  "user_id" UUID,
  "campaign_id" UUID,
  "contact_point_id" UUID,
  "participant_ids" TEXT COLLATE "C",
  "cost" BIGINT,
  "cost__currency" TEXT COLLATE "C",
  "cost__base" BIGINT,
  "cost__rate" TEXT COLLATE "C",
  "cost__rated_on" BIGINT,
  "cost_seconds" BIGINT,
  "formality" TEXT COLLATE "C",
  "external_id" TEXT COLLATE "C",
  "thread" TEXT COLLATE "C",
  "sentiment" TEXT COLLATE "C",
  "language" TEXT COLLATE "C",
  "topics" TEXT COLLATE "C",
  "topics__fold" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_interaction" PRIMARY KEY ("workspace_id", "id")
);
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
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "owner_id" UUID,
  "team_id" UUID,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "object_key" TEXT COLLATE "C",
  "purpose" TEXT COLLATE "C",
  "purpose__fold" TEXT COLLATE "C",
  "active" BIGINT,
  "description" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_list" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_list__updated_at" ON "list" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_list__name__key" ON "list" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE TABLE "list_member" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "list_id" UUID,
  "target_id" UUID,
  "added_at" BIGINT,
  "source" TEXT COLLATE "C",
  "source__fold" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_list_member" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_list_member__added_at" ON "list_member" ("workspace_id", "added_at", "id") WHERE "added_at" IS NOT NULL;
CREATE UNIQUE INDEX "ux_list_member__list_id__target_id" ON "list_member" ("workspace_id", "list_id", "target_id");
CREATE INDEX "ix_list_member__list_id__target_id" ON "list_member" ("workspace_id", "list_id", "target_id", "id");
CREATE INDEX "ix_list_member__target_id" ON "list_member" ("workspace_id", "target_id", "id");
CREATE TABLE "lost_reason" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "key" TEXT COLLATE "C",
  "kind" TEXT COLLATE "C",
  "position" BIGINT,
  "active" BIGINT,
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_lost_reason" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_lost_reason__updated_at" ON "lost_reason" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_lost_reason__name__key" ON "lost_reason" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE UNIQUE INDEX "ux_lost_reason__key" ON "lost_reason" ("workspace_id", "key") WHERE "deleted_at" IS NULL AND "key" IS NOT NULL;
CREATE INDEX "ix_lost_reason__position" ON "lost_reason" ("workspace_id", "position", "id") WHERE "deleted_at" IS NULL AND "position" IS NOT NULL;
CREATE TABLE "message" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "subject" TEXT COLLATE "C",
  "subject__fold" TEXT COLLATE "C",
  "body" TEXT COLLATE "C",
  "channel" TEXT COLLATE "C",
  "purpose" TEXT COLLATE "C",
  "status" TEXT COLLATE "C",
  "reason" TEXT COLLATE "C",
  "contact_id" UUID,
  "user_id" UUID,
  "address" TEXT COLLATE "C",
  "address__fold" TEXT COLLATE "C",
  "formality" TEXT COLLATE "C",
  "queued_at" BIGINT,
  "not_before" BIGINT,
  "sending_at" BIGINT,
  "finished_at" BIGINT,
  "consent_id" UUID,
  "address_hash" TEXT COLLATE "C",
  "notice" TEXT COLLATE "C",
  "epoch" BIGINT,
  "claim" TEXT COLLATE "C",
  "provider_reference" TEXT COLLATE "C",
  "dedupe_key" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_message" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_message__queued_at" ON "message" ("workspace_id", "queued_at", "id") WHERE "queued_at" IS NOT NULL;
CREATE UNIQUE INDEX "ux_message__dedupe_key" ON "message" ("workspace_id", "dedupe_key") WHERE "dedupe_key" IS NOT NULL;
CREATE INDEX "ix_message__contact_id__sending_at" ON "message" ("workspace_id", "contact_id", "sending_at", "id") WHERE "contact_id" IS NOT NULL;
CREATE INDEX "ix_message__user_id" ON "message" ("workspace_id", "user_id", "id") WHERE "user_id" IS NOT NULL;
CREATE INDEX "ix_message__status__not_before" ON "message" ("workspace_id", "status", "not_before", "id");
CREATE TABLE "need" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "owner_id" UUID,
  "team_id" UUID,
  "statement" TEXT COLLATE "C",
  "statement__fold" TEXT COLLATE "C",
  "kind" TEXT COLLATE "C",
  "strength" BIGINT,
  "confidence" BIGINT,
  "status" TEXT COLLATE "C",
  "source" TEXT COLLATE "C",
  "source_detail" TEXT COLLATE "C",
  "source_detail__fold" TEXT COLLATE "C",
  "contact_id" UUID,
  "company_id" UUID,
  "category_id" UUID,
  "product_id" UUID,
  "interaction_id" UUID,
  "met_on" BIGINT,
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_need" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_need__updated_at" ON "need" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_need__contact_id" ON "need" ("workspace_id", "contact_id", "id", "deleted_at");
CREATE INDEX "ix_need__company_id" ON "need" ("workspace_id", "company_id", "id", "deleted_at");
CREATE INDEX "ix_need__category_id" ON "need" ("workspace_id", "category_id", "id", "deleted_at");
CREATE INDEX "ix_need__product_id" ON "need" ("workspace_id", "product_id", "id") WHERE "product_id" IS NOT NULL;
CREATE INDEX "ix_need__interaction_id" ON "need" ("workspace_id", "interaction_id", "id") WHERE "interaction_id" IS NOT NULL;
CREATE TABLE "note" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "owner_id" UUID,
  "team_id" UUID,
  "body" TEXT COLLATE "C",
  "pinned" BIGINT,
  "internal" BIGINT,
  "target_id" UUID,
  "contact_id" UUID,
  "company_id" UUID,
  "deal_id" UUID,
  "reply_to_id" UUID,
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_note" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_note__updated_at" ON "note" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_note__target_id" ON "note" ("workspace_id", "target_id", "id", "deleted_at");
CREATE INDEX "ix_note__contact_id" ON "note" ("workspace_id", "contact_id", "id", "deleted_at");
CREATE INDEX "ix_note__company_id" ON "note" ("workspace_id", "company_id", "id", "deleted_at");
CREATE INDEX "ix_note__deal_id" ON "note" ("workspace_id", "deal_id", "id", "deleted_at");
CREATE INDEX "ix_note__reply_to_id" ON "note" ("workspace_id", "reply_to_id", "id") WHERE "reply_to_id" IS NOT NULL;
CREATE TABLE "notification" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "user_id" UUID,
  "kind" TEXT COLLATE "C",
  "target_id" UUID,
  "actor_id" UUID,
  "data" TEXT COLLATE "C",
  "read_at" BIGINT,
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_notification" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_notification__user_id__read_at" ON "notification" ("workspace_id", "user_id", "read_at", "id");
CREATE INDEX "ix_notification__target_id" ON "notification" ("workspace_id", "target_id", "id") WHERE "target_id" IS NOT NULL;
CREATE TABLE "order" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "owner_id" UUID,
  "team_id" UUID,
  "number" TEXT COLLATE "C",
  "kind" TEXT COLLATE "C",
  "ordered_at" BIGINT,
  "contact_id" UUID,
  "company_id" UUID,
  "deal_id" UUID,
  "original_id" UUID,
  "campaign_id" UUID,
  "price_list_id" UUID,
  "channel" TEXT COLLATE "C",
  "status" TEXT COLLATE "C",
  "promised_on" BIGINT,
  "delivered_on" BIGINT,
  "subtotal" BIGINT,
  "subtotal__currency" TEXT COLLATE "C",
  "subtotal__base" BIGINT,
  "subtotal__rate" TEXT COLLATE "C",
  "subtotal__rated_on" BIGINT,
  "discount" BIGINT,
  "discount__currency" TEXT COLLATE "C",
  "discount__base" BIGINT,
  "discount__rate" TEXT COLLATE "C",
  "discount__rated_on" BIGINT,
  "tax" BIGINT,
  "tax__currency" TEXT COLLATE "C",
  "tax__base" BIGINT,
  "tax__rate" TEXT COLLATE "C",
  "tax__rated_on" BIGINT,
  "total" BIGINT,
  "total__currency" TEXT COLLATE "C",
  "total__base" BIGINT,
  "total__rate" TEXT COLLATE "C",
  "total__rated_on" BIGINT,
  "country" TEXT COLLATE "C",
  "city" TEXT COLLATE "C",
  "city__fold" TEXT COLLATE "C",
  "address" TEXT COLLATE "C",
  "description" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_order" PRIMARY KEY ("workspace_id", "id")
);
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
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "order_id" UUID,
  "product_id" UUID,
  "position" BIGINT,
  "description" TEXT COLLATE "C",
  "description__fold" TEXT COLLATE "C",
  "quantity" BIGINT,
  "unit" TEXT COLLATE "C",
  "unit_price" BIGINT,
  "currency" TEXT COLLATE "C",
  "discount" BIGINT,
  "discount__currency" TEXT COLLATE "C",
  "discount__base" BIGINT,
  "discount__rate" TEXT COLLATE "C",
  "discount__rated_on" BIGINT,
  "tax" BIGINT,
  "tax__currency" TEXT COLLATE "C",
  "tax__base" BIGINT,
  "tax__rate" TEXT COLLATE "C",
  "tax__rated_on" BIGINT,
  "total" BIGINT,
  "total__currency" TEXT COLLATE "C",
  "total__base" BIGINT,
  "total__rate" TEXT COLLATE "C",
  "total__rated_on" BIGINT,
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_order_line" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_order_line__position" ON "order_line" ("workspace_id", "position", "id") WHERE "position" IS NOT NULL;
CREATE INDEX "ix_order_line__total__base" ON "order_line" ("workspace_id", "total__base", "id") WHERE "total__base" IS NOT NULL;
CREATE INDEX "ix_order_line__order_id__position" ON "order_line" ("workspace_id", "order_id", "position", "id");
CREATE INDEX "ix_order_line__product_id" ON "order_line" ("workspace_id", "product_id", "id");
CREATE TABLE "perception" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "owner_id" UUID,
  "team_id" UUID,
  "words" TEXT COLLATE "C",
  "words__fold" TEXT COLLATE "C",
  "aspect" TEXT COLLATE "C",
  "score" BIGINT,
  "brand" TEXT COLLATE "C",
  "brand__fold" TEXT COLLATE "C",
  "observed_on" BIGINT,
  "contact_id" UUID,
  "company_id" UUID,
  "product_id" UUID,
  "competitor_id" UUID,
  "interaction_id" UUID,
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_perception" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_perception__updated_at" ON "perception" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_perception__observed_on" ON "perception" ("workspace_id", "observed_on", "id") WHERE "deleted_at" IS NULL AND "observed_on" IS NOT NULL;
CREATE INDEX "ix_perception__contact_id" ON "perception" ("workspace_id", "contact_id", "id", "deleted_at");
CREATE INDEX "ix_perception__product_id" ON "perception" ("workspace_id", "product_id", "id", "deleted_at");
CREATE INDEX "ix_perception__company_id" ON "perception" ("workspace_id", "company_id", "id") WHERE "company_id" IS NOT NULL;
CREATE INDEX "ix_perception__competitor_id" ON "perception" ("workspace_id", "competitor_id", "id") WHERE "competitor_id" IS NOT NULL;
CREATE INDEX "ix_perception__interaction_id" ON "perception" ("workspace_id", "interaction_id", "id") WHERE "interaction_id" IS NOT NULL;
CREATE TABLE "pipeline" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "key" TEXT COLLATE "C",
  "kind" TEXT COLLATE "C",
  "position" BIGINT,
  "active" BIGINT,
  "description" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_pipeline" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_pipeline__updated_at" ON "pipeline" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_pipeline__name__key" ON "pipeline" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE UNIQUE INDEX "ux_pipeline__key" ON "pipeline" ("workspace_id", "key") WHERE "deleted_at" IS NULL AND "key" IS NOT NULL;
CREATE INDEX "ix_pipeline__position" ON "pipeline" ("workspace_id", "position", "id") WHERE "deleted_at" IS NULL AND "position" IS NOT NULL;
CREATE TABLE "price_list" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "code" TEXT COLLATE "C",
  "currency" TEXT COLLATE "C",
  "price_class" TEXT COLLATE "C",
  "valid_from" BIGINT,
  "valid_to" BIGINT,
  "includes_tax" BIGINT,
  "active" BIGINT,
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_price_list" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_price_list__updated_at" ON "price_list" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_price_list__name__key" ON "price_list" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE UNIQUE INDEX "ux_price_list__code" ON "price_list" ("workspace_id", "code") WHERE "deleted_at" IS NULL AND "code" IS NOT NULL;
CREATE INDEX "ix_price_list__valid_from" ON "price_list" ("workspace_id", "valid_from", "id") WHERE "deleted_at" IS NULL AND "valid_from" IS NOT NULL;
CREATE TABLE "price_list_item" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "price_list_id" UUID,
  "product_id" UUID,
  "unit_price" BIGINT,
  "min_quantity" BIGINT,
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_price_list_item" PRIMARY KEY ("workspace_id", "id")
);
CREATE UNIQUE INDEX "ux_price_list_item__price_list_id__product_id__min_quantity" ON "price_list_item" ("workspace_id", "price_list_id", "product_id", "min_quantity");
CREATE INDEX "ix_price_list_item__price_list_id__product_id" ON "price_list_item" ("workspace_id", "price_list_id", "product_id", "id");
CREATE INDEX "ix_price_list_item__product_id" ON "price_list_item" ("workspace_id", "product_id", "id");
CREATE TABLE "product" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "code" TEXT COLLATE "C",
  "kind" TEXT COLLATE "C",
  "category_id" UUID,
  "unit" TEXT COLLATE "C",
  "unit_price" BIGINT,
  "price" BIGINT,
  "price__currency" TEXT COLLATE "C",
  "price__base" BIGINT,
  "price__rate" TEXT COLLATE "C",
  "price__rated_on" BIGINT,
  "cost" BIGINT,
  "cost__currency" TEXT COLLATE "C",
  "cost__base" BIGINT,
  "cost__rate" TEXT COLLATE "C",
  "cost__rated_on" BIGINT,
  "tax_class" TEXT COLLATE "C",
  "sstid" TEXT COLLATE "C",
  "brand" TEXT COLLATE "C",
  "brand__fold" TEXT COLLATE "C",
  "series" TEXT COLLATE "C",
  "series__fold" TEXT COLLATE "C",
  "variant_of_id" UUID,
  "standards" TEXT COLLATE "C",
  "standards__fold" TEXT COLLATE "C",
  "active" BIGINT,
  "description" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_product" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_product__updated_at" ON "product" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_product__name__key" ON "product" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE INDEX "ix_product__code" ON "product" ("workspace_id", "code", "id") WHERE "deleted_at" IS NULL AND "code" IS NOT NULL;
CREATE UNIQUE INDEX "ux_product__code" ON "product" ("workspace_id", "code") WHERE "deleted_at" IS NULL AND "code" IS NOT NULL;
CREATE INDEX "ix_product__price__base" ON "product" ("workspace_id", "price__base", "id") WHERE "deleted_at" IS NULL AND "price__base" IS NOT NULL;
CREATE INDEX "ix_product__category_id" ON "product" ("workspace_id", "category_id", "id", "deleted_at");
CREATE INDEX "ix_product__variant_of_id" ON "product" ("workspace_id", "variant_of_id", "id") WHERE "variant_of_id" IS NOT NULL;
CREATE TABLE "relationship" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "kind" TEXT COLLATE "C",
  "direction" TEXT COLLATE "C",
  "from_contact_id" UUID,
  "from_company_id" UUID,
  "to_contact_id" UUID,
  "to_company_id" UUID,
  "since" BIGINT,
  "description" TEXT COLLATE "C",
  "description__fold" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_relationship" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_relationship__from_contact_id" ON "relationship" ("workspace_id", "from_contact_id", "id") WHERE "from_contact_id" IS NOT NULL;
CREATE INDEX "ix_relationship__to_contact_id" ON "relationship" ("workspace_id", "to_contact_id", "id");
CREATE INDEX "ix_relationship__from_company_id" ON "relationship" ("workspace_id", "from_company_id", "id") WHERE "from_company_id" IS NOT NULL;
CREATE INDEX "ix_relationship__to_company_id" ON "relationship" ("workspace_id", "to_company_id", "id");
CREATE TABLE "role" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "key" TEXT COLLATE "C",
  "rules" TEXT COLLATE "C",
  "built_in" BIGINT,
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_role" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_role__updated_at" ON "role" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_role__name__key" ON "role" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE UNIQUE INDEX "ux_role__key" ON "role" ("workspace_id", "key") WHERE "deleted_at" IS NULL AND "key" IS NOT NULL;
CREATE TABLE "saved_view" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "owner_id" UUID,
  "team_id" UUID,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "object_key" TEXT COLLATE "C",
  "filter_text" TEXT COLLATE "C",
  "sort_by" TEXT COLLATE "C",
  "sort_by__fold" TEXT COLLATE "C",
  "columns" TEXT COLLATE "C",
  "layout" TEXT COLLATE "C",
  "group_by" TEXT COLLATE "C",
  "group_by__fold" TEXT COLLATE "C",
  "time_zone" TEXT COLLATE "C",
  "calendar" TEXT COLLATE "C",
  "visibility" TEXT COLLATE "C",
  "position" BIGINT,
  "pinned" BIGINT,
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_saved_view" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_saved_view__name__key" ON "saved_view" ("workspace_id", "name__key", "id") WHERE "name__key" IS NOT NULL;
CREATE INDEX "ix_saved_view__owner_id__object_key" ON "saved_view" ("workspace_id", "owner_id", "object_key", "id");
CREATE INDEX "ix_saved_view__object_key" ON "saved_view" ("workspace_id", "object_key", "id");
CREATE TABLE "setting" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "key" TEXT COLLATE "C",
  "value" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_setting" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_setting__key" ON "setting" ("workspace_id", "key", "id") WHERE "key" IS NOT NULL;
CREATE UNIQUE INDEX "ux_setting__key" ON "setting" ("workspace_id", "key") WHERE "key" IS NOT NULL;
CREATE TABLE "stage" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "pipeline_id" UUID,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "key" TEXT COLLATE "C",
  "position" BIGINT,
  "kind" TEXT COLLATE "C",
  "probability" BIGINT,
  "forecast_category" TEXT COLLATE "C",
  "rotting_days" BIGINT,
  "next_step_required" BIGINT,
  "required_fields" TEXT COLLATE "C",
  "color" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_stage" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_stage__updated_at" ON "stage" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_stage__name__key" ON "stage" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE INDEX "ix_stage__position" ON "stage" ("workspace_id", "position", "id") WHERE "deleted_at" IS NULL AND "position" IS NOT NULL;
CREATE INDEX "ix_stage__pipeline_id__position" ON "stage" ("workspace_id", "pipeline_id", "position", "id", "deleted_at");
CREATE TABLE "tag" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "color" TEXT COLLATE "C",
  "description" TEXT COLLATE "C",
  "description__fold" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_tag" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_tag__name__key" ON "tag" ("workspace_id", "name__key", "id") WHERE "name__key" IS NOT NULL;
CREATE UNIQUE INDEX "ux_tag__name__fold" ON "tag" ("workspace_id", "name__fold") WHERE "name__fold" IS NOT NULL;
CREATE TABLE "team" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "parent_id" UUID,
  "description" TEXT COLLATE "C",
  "description__fold" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_team" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_team__updated_at" ON "team" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_team__name__key" ON "team" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE INDEX "ix_team__parent_id" ON "team" ("workspace_id", "parent_id", "id") WHERE "parent_id" IS NOT NULL;
CREATE TABLE "territory" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "owner_id" UUID,
  "team_id" UUID,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "code" TEXT COLLATE "C",
  "kind" TEXT COLLATE "C",
  "parent_id" UUID,
  "description" TEXT COLLATE "C",
  "description__fold" TEXT COLLATE "C",
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_territory" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_territory__updated_at" ON "territory" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_territory__name__key" ON "territory" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE UNIQUE INDEX "ux_territory__code" ON "territory" ("workspace_id", "code") WHERE "deleted_at" IS NULL AND "code" IS NOT NULL;
CREATE INDEX "ix_territory__parent_id" ON "territory" ("workspace_id", "parent_id", "id", "deleted_at");
CREATE TABLE "user" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "email" TEXT COLLATE "C",
  "active" BIGINT,
  "role_id" UUID,
  "team_id" UUID,
  "job_title" TEXT COLLATE "C",
  "job_title__fold" TEXT COLLATE "C",
  "language" TEXT COLLATE "C",
  "calendar" TEXT COLLATE "C",
  "digits" TEXT COLLATE "C",
  "theme" TEXT COLLATE "C",
  "time_zone" TEXT COLLATE "C",
  "rial_display" TEXT COLLATE "C",
  "extension" TEXT COLLATE "C",
  "signature" TEXT COLLATE "C",
  "working_hours" TEXT COLLATE "C",
  "last_seen_at" BIGINT,
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_user" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_user__updated_at" ON "user" ("workspace_id", "updated_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "ix_user__name__key" ON "user" ("workspace_id", "name__key", "id") WHERE "deleted_at" IS NULL AND "name__key" IS NOT NULL;
CREATE INDEX "ix_user__email" ON "user" ("workspace_id", "email", "id") WHERE "deleted_at" IS NULL AND "email" IS NOT NULL;
CREATE UNIQUE INDEX "ux_user__email" ON "user" ("workspace_id", "email") WHERE "deleted_at" IS NULL AND "email" IS NOT NULL;
CREATE INDEX "ix_user__role_id" ON "user" ("workspace_id", "role_id", "id") WHERE "role_id" IS NOT NULL;
CREATE TABLE "working_hours" (
  "workspace_id" BIGINT NOT NULL,
  "id" UUID NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "created_by" UUID NOT NULL,
  "updated_by" UUID NOT NULL,
  "deleted_at" BIGINT,
  "name" TEXT COLLATE "C",
  "name__fold" TEXT COLLATE "C",
  "name__key" BYTEA,
  "time_zone" TEXT COLLATE "C",
  "week" TEXT COLLATE "C",
  "team_id" UUID,
  "valid_from" BIGINT,
  "valid_to" BIGINT,
  "default" BIGINT,
  "custom" TEXT COLLATE "C",
  CONSTRAINT "pk_working_hours" PRIMARY KEY ("workspace_id", "id")
);
CREATE INDEX "ix_working_hours__name__key" ON "working_hours" ("workspace_id", "name__key", "id") WHERE "name__key" IS NOT NULL;
CREATE INDEX "ix_working_hours__valid_from" ON "working_hours" ("workspace_id", "valid_from", "id") WHERE "valid_from" IS NOT NULL;
