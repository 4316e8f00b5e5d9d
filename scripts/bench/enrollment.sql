-- The enrolment record as a table: what PostgreSQL replicates in comparison with Tongbu.
CREATE TABLE enrollment (
  psn_insu_rlts_id  varchar(40) PRIMARY KEY, -- number of the enrolment
  psn_no            varchar(30) NOT NULL,    -- person
  hh_ref            varchar(20),             -- household
  insu_year         varchar(4) NOT NULL,     -- insurance year
  insutype          varchar(6) NOT NULL,     -- kind of insurance
  insu_admdvs       varchar(6) NOT NULL,     -- division of insurance
  poolarea          varchar(6) NOT NULL,     -- pool area
  psn_type          varchar(6) NOT NULL,     -- kind of person
  psn_idet_type     varchar(12),             -- identity: minimum living, destitute, …
  psn_type_lv       varchar(3),              -- level of that
  psn_idet_begndate date,                    -- its begin
  psn_idet_enddate  date,                    -- its end
  psn_insu_stas     varchar(6) NOT NULL,     -- state of the enrolment
  psn_insu_date     date NOT NULL,           -- date of the enrolment
  fst_insu_ym       varchar(6),              -- first month
  paus_insu_date    date,                    -- paused on
  trt_begndate      date NOT NULL,           -- benefit period begins
  trt_enddate       date NOT NULL,           -- benefit period ends
  clct_way          varchar(6) NOT NULL,     -- way of collection
  clct_grde         varchar(6) NOT NULL,     -- grade of contribution
  psn_clct_amt      numeric(16,2) NOT NULL,  -- own contribution
  fin_subs_ctr      numeric(16,2) NOT NULL,  -- subsidy of the nation
  fin_subs_prov     numeric(16,2) NOT NULL,  -- subsidy of the province
  fin_subs_city     numeric(16,2) NOT NULL,  -- subsidy of the city
  fin_subs_cty      numeric(16,2) NOT NULL,  -- subsidy of the county
  med_aid_subs_amt  numeric(16,2),           -- aid toward the contribution
  clct_time         timestamp,               -- paid at
  invono            varchar(30),             -- receipt
  dup_case_no       varchar(40)              -- duplicate case
);
