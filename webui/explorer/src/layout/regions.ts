/** Built-in places of China's provincial divisions: their seats of government, longitude and latitude in degrees (WGS 84). */
export interface Region {
  readonly code: string;
  readonly en: string;
  readonly zh: string;
  readonly at: readonly [lon: number, lat: number];
}

const ROWS: readonly [string, string, string, number, number][] = [
  ["11", "Beijing", "北京", 116.41, 39.9], ["12", "Tianjin", "天津", 117.2, 39.08], ["13", "Hebei", "河北", 114.51, 38.04], ["14", "Shanxi", "山西", 112.55, 37.87],
  ["15", "Inner Mongolia", "内蒙古", 111.75, 40.84], ["21", "Liaoning", "辽宁", 123.43, 41.8], ["22", "Jilin", "吉林", 125.32, 43.9], ["23", "Heilongjiang", "黑龙江", 126.64, 45.76],
  ["31", "Shanghai", "上海", 121.47, 31.23], ["32", "Jiangsu", "江苏", 118.77, 32.06], ["33", "Zhejiang", "浙江", 120.15, 30.28], ["34", "Anhui", "安徽", 117.28, 31.86],
  ["35", "Fujian", "福建", 119.3, 26.1], ["36", "Jiangxi", "江西", 115.86, 28.68], ["37", "Shandong", "山东", 117.0, 36.67], ["41", "Henan", "河南", 113.65, 34.76],
  ["42", "Hubei", "湖北", 114.3, 30.59], ["43", "Hunan", "湖南", 112.98, 28.2], ["44", "Guangdong", "广东", 113.27, 23.13], ["45", "Guangxi", "广西", 108.32, 22.82],
  ["46", "Hainan", "海南", 110.33, 20.03], ["50", "Chongqing", "重庆", 106.55, 29.56], ["51", "Sichuan", "四川", 104.07, 30.65], ["52", "Guizhou", "贵州", 106.71, 26.58],
  ["53", "Yunnan", "云南", 102.71, 25.04], ["54", "Tibet", "西藏", 91.13, 29.66], ["61", "Shaanxi", "陕西", 108.95, 34.26], ["62", "Gansu", "甘肃", 103.83, 36.06],
  ["63", "Qinghai", "青海", 101.78, 36.62], ["64", "Ningxia", "宁夏", 106.28, 38.47], ["65", "Xinjiang", "新疆", 87.62, 43.79], ["71", "Taiwan", "台湾", 121.51, 25.04],
  ["81", "Hong Kong", "香港", 114.17, 22.32], ["82", "Macao", "澳门", 113.54, 22.19],
];

export const REGIONS: readonly Region[] = ROWS.map(([code, en, zh, lon, lat]) => ({ code, en, zh, at: [lon, lat] as const }));

/** Prefectures and cities that data often names without their province. */
const CITIES: Readonly<Record<string, string>> = {
  guangzhou: "44", shenzhen: "44", dongguan: "44", foshan: "44", 广州: "44", 深圳: "44", 东莞: "44", hangzhou: "33", ningbo: "33", wenzhou: "33", 杭州: "33", 宁波: "33", 温州: "33",
  nanjing: "32", suzhou: "32", wuxi: "32", 南京: "32", 苏州: "32", 无锡: "32", chengdu: "51", 成都: "51", wuhan: "42", 武汉: "42", changsha: "43", 长沙: "43", zhengzhou: "41", 郑州: "41",
  xian: "61", "xi'an": "61", 西安: "61", fuzhou: "35", xiamen: "35", quanzhou: "35", 福州: "35", 厦门: "35", 泉州: "35", jinan: "37", qingdao: "37", 济南: "37", 青岛: "37", shenyang: "21", dalian: "21", 沈阳: "21", 大连: "21",
  kunming: "53", 昆明: "53", nanning: "45", 南宁: "45", hefei: "34", 合肥: "34", nanchang: "36", 南昌: "36", harbin: "23", 哈尔滨: "23", shijiazhuang: "13", 石家庄: "13", taiyuan: "14", 太原: "14", lanzhou: "62", 兰州: "62", urumqi: "65", 乌鲁木齐: "65", guiyang: "52", 贵阳: "52", haikou: "46", 海口: "46", changchun: "22", 长春: "22",
};

const BY_CODE = new Map(REGIONS.map((region) => [region.code, region]));

/** The region a text names: code (`44`, `440300`), English or Chinese name, with or without 省/市/自治区; null when unknown. */
export function regionOf(text: unknown): Region | null {
  if (typeof text !== "string" || !text.trim()) return null;
  const clean = text.trim().toLowerCase();
  if (/^\d{2}(\d{4})?$/.test(clean)) return BY_CODE.get(clean.slice(0, 2)) ?? null;
  const named = REGIONS.find((region) => clean.startsWith(region.zh) || clean.startsWith(region.en.toLowerCase()));
  if (named) return named;
  const city = Object.keys(CITIES).find((name) => clean.startsWith(name));
  return city === undefined ? null : (BY_CODE.get(CITIES[city]!) ?? null);
}
