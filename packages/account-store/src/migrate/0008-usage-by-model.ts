/** The history of a model without reading everybody's. Most answers name the model that was asked for: only others are in the second. */
export const USAGE_BY_MODEL = `
CREATE INDEX usage_records_by_model_asked ON usage_records (model_asked, started_at, id);
CREATE INDEX usage_records_by_model_served ON usage_records (model_served, started_at, id)
  WHERE model_served IS NOT model_asked;
`
