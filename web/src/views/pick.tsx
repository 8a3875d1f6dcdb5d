// Choosing a model.

import { modelName, type Catalog } from "../catalog";
import type { Model } from "../gen/frontier/v1/catalog_pb";
import { link, type Route } from "../route";
import { Empty, Skeleton } from "../ui/parts";

/** All models by organization, as options of a select. */
export function ModelOptions({ catalog, chosen }: { catalog: Catalog; chosen: string }) {
  const groups = byOrganization(catalog);
  return (
    <>
      {!catalog.models.has(chosen) && <option value={chosen}>{chosen || "choose a model"}</option>}
      {groups.map(([organization, models]) => (
        <optgroup key={organization} label={organization}>
          {models.map((model) => (
            <option key={model.id} value={model.id}>
              {modelName(catalog, model.id)}
            </option>
          ))}
        </optgroup>
      ))}
    </>
  );
}

function byOrganization(catalog: Catalog): [string, Model[]][] {
  const groups = new Map<string, Model[]>();
  for (const model of catalog.models.values()) {
    const organization = model.organization || "Organization not known";
    groups.set(organization, [...(groups.get(organization) ?? []), model]);
  }
  for (const models of groups.values()) models.sort((a, b) => modelName(catalog, a.id).localeCompare(modelName(catalog, b.id)));
  return [...groups].sort((a, b) => a[0].localeCompare(b[0]));
}

export function ModelPicker({ catalog, title, to }: { catalog: Catalog; title: string; to: (model: string) => Partial<Route> }) {
  if (!catalog.loaded) return <Skeleton />;
  if (catalog.models.size === 0) {
    return (
      <Empty title="No models yet">
        <p>The first result that is submitted brings the first model.</p>
      </Empty>
    );
  }
  return (
    <section class="panel-box">
      <h1>{title}</h1>
      <div class="pick">
        {byOrganization(catalog).map(([organization, models]) => (
          <div key={organization}>
            <h2>{organization}</h2>
            <ul>
              {models.map((model) => (
                <li key={model.id}>
                  <a href={link(to(model.id))}>{modelName(catalog, model.id)}</a>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
    </section>
  );
}
